// The fields of docs/wire/openai.md#chat-fields that codexd does not support. If ignoring a field would make the answer wrong,
// the request is refused; otherwise the field is dropped and reported.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { EarlierItems } from '../../../responses/translator.ts';
import { type FieldTable, hint, type Reason } from '../../dropped.ts';
import { type InvalidCode, invalid, optionalArray, optionalBoolean, optionalCount } from '../check.ts';
import { codexFields } from '../codex-fields.ts';
import { previousNotFound } from '../responses/history.ts';

export function checkRefused(body: Fields, earlier: EarlierItems | undefined): void {
  for (const field of ['max_completion_tokens', 'max_tokens']) optionalCount(body[field], field);
  if ((optionalCount(body.n, 'n') ?? 1) > 1) {
    throw refused('n', 'The upstream returns one answer per request.', 'unsupported_value');
  }
  if (optionalBoolean(body.logprobs, 'logprobs') || Number(body.top_logprobs ?? 0) > 0) {
    const param = body.logprobs === true ? 'logprobs' : 'top_logprobs';
    throw refused(param, 'The upstream does not return log probabilities.', 'unsupported_value');
  }
  if (isObject(body.logit_bias) && Object.keys(body.logit_bias).length > 0) {
    throw refused('logit_bias', 'The upstream does not support token biases.', 'unsupported_parameter');
  }
  if (optionalArray(body.modalities, 'modalities')?.includes('audio')) {
    throw refused('modalities', 'The models return only text.', 'unsupported_value');
  }
  if (isSet(body.previous_response_id) && earlier === undefined) {
    throw previousNotFound(body.previous_response_id);
  }
}

function refused(field: string, why: string, code: InvalidCode) {
  return invalid(field, `\`${field}\` is not supported here.`, code, why);
}

/** Fields that are sent upstream, implemented by codexd, or checked above. */
const supported = new Set([
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
  'store',
]);

const sampling = 'The upstream does not support sampling parameters.';
const cap = 'The upstream does not support a limit on the length of an answer.';
const cache = hint('The upstream manages its prompt cache itself.');
const bookkeeping = hint('The upstream does not store requests.');

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
  metadata: bookkeeping,
  user: bookkeeping,
  safety_identifier: bookkeeping,
  audio: 'The models return only text.',
  prediction: hint('The upstream does not support predicted output, which would only make it faster.'),
  moderation: 'The upstream applies its own moderation.',
  include: 'A chat completion cannot contain additional output.',
  input: '`messages` takes precedence.',
};

/** Documented defaults, which need no report. */
const defaults: Record<string, unknown> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

export const fieldTable: FieldTable = { supported, reasons, defaults };
