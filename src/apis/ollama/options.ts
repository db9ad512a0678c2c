// Request fields that chat and generate share (docs/wire/ollama.md#chat-request, #think, #format, #options).
import { type Fields, isObject, isSet, numberOf } from '../../responses/fields.ts';
import { isStrict } from '../../responses/json-schema.ts';
import type { Dropped, InputItem, ResponsesRequest, TextOptions } from '../../responses/request.ts';
import type { RequestContext } from '../../responses/translator.ts';
import { droppedOf, fieldsAt, flagAt, invalid, quoted } from './check.ts';

/** Refuses log probabilities: a response without them would be wrong. */
export function checkLogprobs(body: Fields): void {
  const { top_logprobs: top } = body;
  const count = numberOf(top) ?? Number.NaN;
  if (isSet(top) && !(Number.isInteger(count) && count >= 0 && count <= 20)) {
    throw invalid('top_logprobs', 'top_logprobs must be between 0 and 20');
  }
  if (flagAt(body.logprobs, 'logprobs') === true) {
    throw invalid('logprobs', 'logprobs are not supported by the upstream');
  }
}

/** True by default, unlike in OpenAI's API (docs/wire/ollama.md#stream-default). */
export function wantsStream(body: Fields): boolean {
  return flagAt(body.stream, 'stream') ?? true;
}

/** For a request without text: `keep_alive: 0` unloads the model, anything else loads it. */
export function idleOf({ keep_alive: keepAlive }: Fields): 'load' | 'unload' {
  return isSet(keepAlive) && Number.parseFloat(String(keepAlive)) === 0 ? 'unload' : 'load';
}

const duration = /^[+-]?(?:\d+(?:\.\d*)?|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/;

/** Seconds as a number, or a duration in Go's format (docs/wire/ollama.md#keep-alive). Only validated, since nothing is kept alive. */
export function checkKeepAlive(value: unknown): void {
  const known = numberOf(value) !== undefined || (typeof value === 'string' && duration.test(value));
  if (isSet(value) && !known) throw invalid('keep_alive', `invalid keep_alive: "${quoted(value)}"`);
}

export interface Thinking {
  reasoning: ResponsesRequest['reasoning'];
  shown: boolean;
}

const levels = ['low', 'medium', 'high', 'max'];

/** If the model does not list the effort, the nearest one is chosen later. */
export function thinkingOf(think: unknown, { reasoningSummary }: RequestContext): Thinking {
  if (think === false) return { reasoning: { effort: 'none' }, shown: false };
  const summary = reasoningSummary === 'none' ? {} : { summary: reasoningSummary };
  if (!isSet(think) || think === true) return { reasoning: summary, shown: true };
  if (typeof think === 'string' && levels.includes(think)) {
    return { reasoning: { effort: think, ...summary }, shown: true };
  }
  throw invalid(
    'think',
    'think must be a boolean or string ("high", "medium", "low", "max", true, or false)',
  );
}

export function formatOf(format: unknown): TextOptions['format'] {
  if (!isSet(format) || format === '') return undefined;
  if (format === 'json') return { type: 'json_object' };
  if (isObject(format)) {
    const { $schema: _, ...schema } = format;
    const strict = schema.type === 'object' && isStrict(schema);
    return { type: 'json_schema', name: 'output', schema, strict };
  }
  throw invalid(
    'format',
    `invalid format: "${quoted(format)}"; expected "json" or a valid JSON Schema object`,
  );
}

/** The upstream requires the word JSON in the input for this format (docs/wire/ollama.md#format-json). */
export function withJsonWord(input: InputItem[], format: TextOptions['format']): InputItem[] {
  if (format?.type !== 'json_object' || /json/i.test(JSON.stringify(input.map(textIn)))) return input;
  const text = 'Answer with a JSON object.';
  return [...input, { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] }];
}

/** Without images: their base64 may contain any word. */
function textIn(item: InputItem): unknown {
  const { content, output } = item as { content?: unknown; output?: unknown };
  const value: unknown = content ?? output;
  return Array.isArray(value) ? value.map(({ text }) => text) : value;
}

const supportedOptions = new Set(['stop']);
/** How a local model is run, and its context window. */
const hints = new Set([
  ...['num_ctx', 'num_keep', 'num_batch', 'num_gpu', 'main_gpu', 'num_thread', 'numa', 'low_vram'],
  ...['use_mmap', 'use_mlock', 'draft_num_predict'],
]);

/** codexd implements `stop`; other options are dropped, not refused (docs/wire/ollama.md#dropped-options). */
export function optionsOf(value: unknown): { stop: string[]; dropped: Dropped[] } {
  const { num_predict: most, ...options } = isSet(value) ? fieldsAt(value, 'options') : {};
  const limited = (numberOf(most) ?? 0) < 0 ? {} : { num_predict: most }; // negative: no limit
  return {
    stop: stopsOf(options.stop),
    dropped: droppedOf(
      { ...options, ...limited },
      { supported: supportedOptions, hints, prefix: 'options.' },
    ),
  };
}

function stopsOf(value: unknown): string[] {
  const stops = isSet(value) ? (typeof value === 'string' ? [value] : value) : [];
  if (!Array.isArray(stops) || !stops.every((stop) => typeof stop === 'string')) {
    throw invalid('options.stop', 'option "stop" must be of type array');
  }
  return stops.filter((stop) => stop !== '');
}
