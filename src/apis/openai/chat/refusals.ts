// The fields of docs/wire/openai.md#chat-fields that codexd does not support. Where leaving a field out would give a wrong
// result the request is refused; where it only nudges, the field is dropped and named.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import { type FieldTable, hint, type Reason } from '../../dropped.ts';
import { type InvalidCode, invalid, optionalArray, optionalBoolean, optionalCount } from '../check.ts';
import { codexFields } from '../codex-fields.ts';

export function checkRefused(body: Fields): void {
  for (const field of ['max_completion_tokens', 'max_tokens']) optionalCount(body[field], field);
  if ((optionalCount(body.n, 'n') ?? 1) > 1) {
    throw refused('n', 'The upstream gives one answer per request.', 'unsupported_value');
  }
  if (optionalBoolean(body.logprobs, 'logprobs') || Number(body.top_logprobs ?? 0) > 0) {
    const param = body.logprobs === true ? 'logprobs' : 'top_logprobs';
    throw refused(param, 'The upstream gives no log probabilities.', 'unsupported_value');
  }
  if (isObject(body.logit_bias) && Object.keys(body.logit_bias).length > 0) {
    throw refused('logit_bias', 'The upstream takes no token biases.', 'unsupported_parameter');
  }
  if (optionalArray(body.modalities, 'modalities')?.includes('audio')) {
    throw refused('modalities', 'The models answer in text only.', 'unsupported_value');
  }
  if (isSet(body.previous_response_id)) {
    throw refused(
      'previous_response_id',
      'A chat completion brings its own history in `messages`; `/v1/responses` continues earlier answers.',
      'previous_response_not_found',
    );
  }
}

function refused(field: string, why: string, code: InvalidCode) {
  return invalid(field, `\`${field}\` is not supported here.`, code, why);
}

/** Fields that reach the upstream, are done by codexd itself, or were checked above. */
const honoured = new Set([
  ...codexFields,
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'stop',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'web_search_options',
  'response_format',
  'reasoning_effort',
  'reasoning',
  'enable_thinking',
  'thinking',
  'chat_template_kwargs',
  'verbosity',
  'text',
  'instructions',
  'service_tier',
  'prompt_cache_key',
  'modalities',
  'previous_response_id',
]);

const sampling = 'The upstream takes no sampling parameters.';
const cap = 'The upstream takes no limit on the length of an answer.';
const cache = hint('The upstream decides about its prompt cache itself.');
const bookkeeping = hint('The upstream keeps no such records.');

const reasons: Record<string, Reason> = {
  temperature: sampling,
  top_p: sampling,
  seed: sampling,
  presence_penalty: sampling,
  frequency_penalty: sampling,
  max_tokens: cap,
  max_completion_tokens: cap,
  prompt_cache_options: cache,
  prompt_cache_retention: cache,
  store: bookkeeping,
  metadata: bookkeeping,
  user: bookkeeping,
  safety_identifier: bookkeeping,
  audio: 'The models answer in text only.',
  prediction: hint('The upstream takes no predicted output, which would only make it faster.'),
  moderation: 'The upstream moderates by its own rules.',
  include: 'A chat completion has no place for more output.',
  input: '`messages` was sent too, and wins.',
};

/** Documented defaults: sending one asks for nothing. */
const defaults: Record<string, unknown> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  store: false,
};

export const fieldTable: FieldTable = { honoured, reasons, defaults };
