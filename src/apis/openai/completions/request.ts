// Translates a legacy completion request to a Responses request (docs/wire/openai.md#completions). The models only chat, so the
// prompt becomes a chat message with the instruction to continue it. Shared fields mean the same as in chat.
import { type Fields, isObject, isSet, numberOf } from '../../../responses/fields.ts';
import type { Dropped } from '../../../responses/request.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { translateChatRequest } from '../chat/request.ts';
import { type InvalidCode, invalid, optionalBoolean } from '../check.ts';
import type { CompletionTranslation } from './types.ts';

const instruction =
  'Continue the text the user gives. Output only the continuation: do not repeat the text, answer it or comment on it.';

export function translateCompletionRequest(given: unknown, context: RequestContext): CompletionTranslation {
  if (!isObject(given)) throw invalid(undefined, 'The request body must be a JSON object.', 'invalid_type');
  checkRefused(given);
  const prompt = promptOf(given.prompt);
  const echo = optionalBoolean(given.echo, 'echo') ?? false;
  const { model, stream, request, dropped, includeUsage, stop, keepalive } = translateChatRequest(
    { ...sharedWithChat(given), messages: [{ role: 'user', content: prompt }] },
    { ...context, reasoningStyle: 'none' },
  );
  return {
    model,
    stream,
    request: { ...request, instructions: instruction },
    dropped: [...dropped, ...droppedFields(given)],
    includeUsage,
    stop,
    keepalive,
    echo: echo ? prompt : '',
  };
}

/** The prompt. Several are refused, since each would need a turn of its own (docs/wire/openai.md#one-prompt, #text-completion). */
function promptOf(value: unknown): string {
  const prompts = Array.isArray(value) ? value : isSet(value) ? [value] : [];
  const [prompt] = prompts;
  if (prompts.length === 0 || prompt === '')
    throw invalidPrompt('must not be empty', 'missing_required_parameter');
  if (Array.isArray(value) && prompts.some((one) => numberOf(one) !== undefined || Array.isArray(one))) {
    throw invalidPrompt('must be text: the upstream does not accept token IDs', 'unsupported_value');
  }
  if (prompts.length > 1) {
    throw invalidPrompt(
      'must be a single text: the upstream returns one answer per request',
      'unsupported_value',
    );
  }
  if (typeof prompt === 'string') return prompt;
  throw invalidPrompt('must be a string', 'invalid_type');
}

function invalidPrompt(why: string, code: InvalidCode) {
  return invalid('prompt', `\`prompt\` ${why}.`, code);
}

function checkRefused({ suffix, best_of, logprobs }: Fields): void {
  if (isSet(suffix) && suffix !== '') {
    throw invalid(
      'suffix',
      '`suffix` is not supported: the upstream has no model for filling in the middle.',
      'unsupported_parameter',
    );
  }
  if (isSet(best_of) && best_of !== 1) {
    throw invalid(
      'best_of',
      '`best_of` must be 1: the upstream returns one answer per request.',
      'unsupported_value',
    );
  }
  if (isSet(logprobs) && logprobs !== 0 && logprobs !== false) {
    throw invalid(
      'logprobs',
      '`logprobs` must be 0: the upstream does not return log probabilities.',
      'unsupported_value',
    );
  }
}

/** Fields that mean the same as in chat. */
const sharedFields = [
  ...['model', 'n', 'max_tokens', 'temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed'],
  ...['user', 'logit_bias', 'stop', 'stream', 'stream_options'],
  ...['reasoning_effort', 'verbosity', 'service_tier', 'prompt_cache_key'],
];
const ownFields = ['prompt', 'suffix', 'echo', 'best_of', 'logprobs'];

function sharedWithChat(body: Fields): Fields {
  return Object.fromEntries(Object.entries(body).filter(([field]) => sharedFields.includes(field)));
}

/** Such as tools, which a plain text cannot use. */
function droppedFields(body: Fields): Dropped[] {
  return Object.entries(body)
    .filter(([field, value]) => isSet(value) && !sharedFields.includes(field) && !ownFields.includes(field))
    .map(([field]) => ({ field, why: 'Legacy completions do not have this field.' }));
}
