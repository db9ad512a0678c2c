// Decodes the upstream's bytes to events (reference/upstream-codex.md 6.1). The frame names are redundant: the JSON
// repeats them in `type`. There is no `[DONE]`; an event without its blank line was cut and is not delivered.
import { Failure } from '../failure.ts';
import { SseReader } from '../stream/sse.ts';
import { DeltaEvent, type DeltaType, type ResponsesEvent } from './event.ts';

export type EventSink = (event: ResponsesEvent) => void;

/** An image in base64 may take several MB (upstream-codex.md 6.1); 64 M characters is far above any seen. */
const maxEventLength = 64 * 1024 * 1024;

export class Decoder {
  readonly #text = new TextDecoder();
  readonly #sse: SseReader;
  #closed = false;

  constructor(sink: EventSink) {
    const frames = new FrameDecoder();
    this.#sse = new SseReader((text, start, end) => {
      if (this.#closed) return;
      const event = frames.decode(text, start, end);
      if (event !== undefined) sink(event);
    }, maxEventLength);
  }

  /** What is still to come is not looked at: after the end of an answer even noise is allowed. */
  close(): void {
    this.#closed = true;
  }

  push(bytes: Uint8Array): void {
    this.#sse.push(this.#text.decode(bytes, { stream: true }));
  }
}

const deltaTypes: ReadonlySet<string> = new Set<DeltaType>([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
]);

/** What must be unescaped to know whether a JSON string literal is sound. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what JSON forbids inside a string
const needsParsing = /[\\\u0000-\u001f]/;

/**
 * Decodes the JSON of one event. Consecutive deltas of one part differ only in the delta itself and in padding behind
 * it, so the second and every later one is recognised by comparing its frame with the first one's, and only the delta's
 * literal is cut out: 60 ns where `JSON.parse` of the whole event takes 389 (reference/bun-notes.md 5).
 */
export class FrameDecoder {
  #known: DeltaFrame | undefined;

  /** `text.slice(start, end)` is the event's JSON; undefined for a frame without a type, which is ignored. */
  decode(text: string, start = 0, end = text.length): ResponsesEvent | undefined {
    return (this.#known && repeated(this.#known, text, start, end)) ?? this.#parse(text.slice(start, end));
  }

  #parse(json: string): ResponsesEvent | undefined {
    if (!json.startsWith('{')) return undefined; // `[DONE]` and noise, which Codex skips too
    const event = parseObject(json);
    const type = event?.type;
    if (event === undefined || typeof type !== 'string') return undefined;
    if (!deltaTypes.has(type) || typeof event.delta !== 'string') return event as ResponsesEvent;
    const delta = new DeltaEvent(
      type as DeltaType,
      typeof event.item_id === 'string' ? event.item_id : '',
      index(event.output_index) ?? -1,
      index(event.content_index) ?? index(event.summary_index) ?? 0,
      JSON.stringify(event.delta),
    );
    this.#known = deltaFrame(delta, event, json);
    return delta;
  }
}

/** How the frames of one part look around the delta. Everything that tells one part from another is compared. */
interface DeltaFrame {
  first: DeltaEvent;
  /** From the opening brace to before the delta's literal. */
  head: string;
  /** From behind the literal to the end of `item_id`, empty when the head has it. */
  tail: string;
  /** The last key, when it is the part's index (`summary_index` comes behind the padding), else the closing brace. */
  close: string;
}

function deltaFrame(first: DeltaEvent, event: Record<string, unknown>, json: string): DeltaFrame | undefined {
  const at = json.indexOf('"delta":"');
  if (at === -1 || first.item_id === '') return undefined;
  const head = json.slice(0, at + '"delta":'.length);
  const literalEnd = closingQuote(json, head.length, json.length);
  if (literalEnd === -1) return undefined;
  const rest = json.slice(literalEnd + 1);
  const itemId = `"item_id":${JSON.stringify(first.item_id)}`;
  const itemAt = rest.indexOf(itemId);
  if (itemAt === -1 && !head.includes(itemId)) return undefined;
  const tail = rest.slice(0, itemAt === -1 ? 0 : itemAt + itemId.length);
  const indexKey = 'summary_index' in event ? 'summary_index' : 'content_index';
  const indexText = `"${indexKey}":${first.part_index}`;
  const indexKnown = !(indexKey in event) || head.includes(`${indexText},`) || tail.includes(`${indexText},`);
  const close = indexKnown ? '}' : `,${indexText}}`;
  return rest.endsWith(close) ? { first, head, tail, close } : undefined;
}

function repeated(frame: DeltaFrame, text: string, start: number, end: number): DeltaEvent | undefined {
  if (!text.startsWith(frame.head, start)) return undefined;
  const from = start + frame.head.length;
  const to = closingQuote(text, from, end);
  if (to === -1 || !text.startsWith(frame.tail, to + 1) || !text.endsWith(frame.close, end)) return undefined;
  const json = text.slice(from, to + 1);
  if (needsParsing.test(json) && !isJson(json)) return undefined;
  const { first } = frame;
  return new DeltaEvent(first.type, first.item_id, first.output_index, first.part_index, json);
}

/** Where the JSON string that opens at `from` closes; -1 when there is none before `end`. */
function closingQuote(text: string, from: number, end: number): number {
  if (text.charCodeAt(from) !== 0x22) return -1;
  let at = text.indexOf('"', from + 1);
  while (at !== -1 && at < end) {
    let before = at - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((at - before) % 2 === 1) return at; // an even number of backslashes
    at = text.indexOf('"', at + 1);
  }
  return -1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseObject(json: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new Failure('upstream_broke', 'The upstream sent an event that is not JSON.', {
      code: 'invalid_event',
      cause,
    });
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function index(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
