// The fields of docs/wire/openai.md#responses-fields that codexd does not support. If ignoring a field would make the answer
// wrong, the request is refused; otherwise the field is dropped and reported.
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { EarlierItems } from '../../../responses/translator.ts';
import { type FieldTable, hint, type Reason } from '../../dropped.ts';
import { type InvalidCode, invalid, optionalBoolean, optionalCount } from '../check.ts';
import { codexFields } from '../codex-fields.ts';
import { previousNotFound } from './history.ts';

export function checkRefused(body: Fields, earlier: EarlierItems | undefined): void {
  optionalCount(body.max_output_tokens, 'max_output_tokens');
  if (isSet(body.previous_response_id) && earlier === undefined) {
    throw previousNotFound(body.previous_response_id);
  }
  if (optionalBoolean(body.background, 'background')) {
    throw refused('background', 'Send an ordinary request and wait for the response.');
  }
  if (isSet(body.conversation)) throw refused('conversation', 'Send the whole history in `input`.');
  if (isSet(body.prompt)) throw refused('prompt', 'Prompt templates are not available with a ChatGPT login.');
  if (Number(body.top_logprobs ?? 0) > 0) {
    throw refused('top_logprobs', 'The upstream does not return log probabilities.', 'unsupported_value');
  }
}

function refused(field: string, why: string, code: InvalidCode = 'unsupported_parameter') {
  return invalid(field, `\`${field}\` is not supported here.`, code, why);
}

/** Fields that are sent upstream, implemented by codexd, repeated in the response, or checked above. */
const supported = new Set([
  ...codexFields,
  'model',
  'input',
  'messages',
  'instructions',
  'stream',
  'stream_options',
  'store',
  'metadata',
  'previous_response_id',
  'background',
  'conversation',
  'prompt',
  'top_logprobs',
  'service_tier',
  'prompt_cache_key',
  'reasoning',
  'reasoning_effort',
  'enable_thinking',
  'thinking',
  'text',
  'verbosity',
  'response_format',
  'include',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'client_metadata',
  'access_programs',
]);

const sampling = 'The upstream does not support sampling parameters.';
const cap = 'The upstream does not support a limit on the length of an answer.';
const cache = hint('The upstream manages its prompt cache itself.');
const identity = hint('The upstream identifies its user by the login.');
const context = 'The upstream never truncates input; input that is too long is an error.';

const reasons: Record<string, Reason> = {
  temperature: sampling,
  top_p: sampling,
  max_output_tokens: cap,
  max_tokens: cap,
  max_completion_tokens: cap,
  max_tool_calls: 'The upstream does not support a limit on the number of calls.',
  prompt_cache_options: cache,
  prompt_cache_retention: cache,
  user: identity,
  safety_identifier: identity,
  truncation: context,
  context_management: context,
  moderation: 'The upstream applies its own moderation.',
};

/** Documented defaults, which need no report. */
const defaults: Record<string, unknown> = { temperature: 1, top_p: 1, truncation: 'disabled' };

export const fieldTable: FieldTable = { supported, reasons, defaults };
