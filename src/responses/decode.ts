// Decodes the upstream's bytes to events (reference/upstream-codex.md 6.1). The frame names are redundant: the JSON
// repeats them in `type`. There is no `[DONE]`; an event without its blank line was cut and is not delivered.
import { Failure } from '../failure.ts';
import { withExactNumbers } from '../stream/exact-json.ts';
import { SseReader } from '../stream/sse.ts';
import { DeltaEvent, type DeltaType, type ResponsesEvent } from './event.ts';
import { numberOf } from './fields.ts';

export type EventSink = (event: ResponsesEvent) => void;

/** An image in base64 may take several MB (upstream-codex.md 6.1); 64 M characters is far above any seen. */
const maxEventLength = 64 * 1024 * 1024;

const lineFeed = 0x0a;

export class Decoder {
  readonly #text = new TextDecoder();
  readonly #sse: SseReader;
  #frame: DeltaFrame | undefined;
  #closed = false;

  constructor(private readonly sink: EventSink) {
    this.#sse = new SseReader((text, start, end) => this.#decode(text.slice(start, end)), maxEventLength);
  }

  /** What is still to come is not looked at: after the end of an answer even noise is allowed. */
  close(): void {
    this.#closed = true;
  }

  push(bytes: Uint8Array): void {
    const text = this.#sse.normalised(this.#text.decode(bytes, { stream: true }));
    let at = 0;
    while (at < text.length && !this.#closed) {
      if (this.#frame !== undefined && this.#sse.isIdle) at = this.#repeated(this.#frame, text, at);
      if (at < text.length) at = this.#sse.readEvent(text, at);
    }
  }

  #decode(json: string): void {
    if (!json.startsWith('{')) return; // `[DONE]` and noise, which Codex skips too
    const event = parseObject(json);
    const type = event?.type;
    if (event === undefined || typeof type !== 'string') return;
    if (!deltaTypes.has(type) || typeof event.delta !== 'string') {
      this.sink((lifecycle.has(type) ? event : exact(event, json)) as ResponsesEvent);
      return;
    }
    const literal = deltaLiteral(json, event.delta);
    const delta = new DeltaEvent(
      type as DeltaType,
      typeof event.item_id === 'string' ? event.item_id : '',
      index(event.output_index) ?? -1,
      index(event.content_index) ?? index(event.summary_index) ?? 0,
      literal === undefined ? JSON.stringify(event.delta) : json.slice(literal.start, literal.end),
    );
    this.#frame = literal && deltaFrame(delta, event, json.slice(0, literal.start), json.slice(literal.end));
    this.sink(delta);
  }

  /**
   * Consecutive deltas of one part differ only in the delta itself and in padding behind it, so the second and every
   * later one is recognised by comparing its frame with the first one's, and only the delta's literal is cut out: 60 ns
   * where `JSON.parse` of the whole event takes 389 (reference/bun-notes.md 5). Returns where the first other frame begins.
   */
  #repeated({ first, head, tail, close }: DeltaFrame, text: string, from: number): number {
    let at = from;
    while (text.startsWith(head, at)) {
      const start = at + head.length;
      const quote = closingQuote(text, start);
      if (quote === -1 || !text.startsWith(tail, quote + 1)) return at;
      const end = text.indexOf('\n', quote + tail.length + 1);
      if (end === -1 || text.charCodeAt(end + 1) !== lineFeed || !text.endsWith(close, end)) return at;
      const json = text.slice(start, quote + 1);
      if (needsParsing.test(json) && !isJson(json)) return at;
      this.sink(new DeltaEvent(first.type, first.item_id, first.output_index, first.part_index, json));
      at = end + 2;
    }
    return at;
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

/** Their response repeats the request, which clients are shown in their own words. */
const lifecycle = new Set([
  ...['response.created', 'response.in_progress', 'response.queued'],
  ...['response.completed', 'response.incomplete', 'response.failed'],
]);

/** What must be unescaped to know whether a JSON string literal is sound. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what JSON forbids inside a string
const needsParsing = /[\\\u0000-\u001f]/;

/** How the frames of one part look around the delta. Everything that tells one part from another is compared. */
interface DeltaFrame {
  first: DeltaEvent;
  /** From the beginning of the frame to before the delta's literal. */
  head: string;
  /** From behind the literal to the end of `item_id`, empty when the head has it. */
  tail: string;
  /** The last key, when it is the part's index (`summary_index` comes behind the padding), else the closing brace. */
  close: string;
}

/** Where the delta's literal stands in the JSON of its event, as the upstream wrote it. */
function deltaLiteral(json: string, delta: string): { start: number; end: number } | undefined {
  const start = json.indexOf('"delta":"') + '"delta":'.length;
  const end = closingQuote(json, start) + 1;
  if (end === 0) return undefined;
  const literal = json.slice(start, end);
  return isJson(literal) && JSON.parse(literal) === delta ? { start, end } : undefined;
}

/** `head` and `rest`: the JSON around the literal. Undefined when it does not tell its part where it can be compared. */
function deltaFrame(
  first: DeltaEvent,
  event: Record<string, unknown>,
  head: string,
  rest: string,
): DeltaFrame | undefined {
  if (first.item_id === '') return undefined;
  const itemId = `"item_id":${JSON.stringify(first.item_id)}`;
  const itemAt = rest.indexOf(itemId);
  if (itemAt === -1 && !head.includes(itemId)) return undefined;
  const tail = rest.slice(0, itemAt === -1 ? 0 : itemAt + itemId.length);
  const indexKey = 'summary_index' in event ? 'summary_index' : 'content_index';
  const indexText = `"${indexKey}":${first.part_index}`;
  const indexKnown = !(indexKey in event) || head.includes(`${indexText},`) || tail.includes(`${indexText},`);
  const close = indexKnown ? '}' : `,${indexText}}`;
  if (!rest.endsWith(close)) return undefined;
  return { first, head: `event: ${first.type}\ndata: ${head}`, tail, close };
}

/** Where the JSON string that opens at `from` closes; -1 when it does not. */
function closingQuote(text: string, from: number): number {
  if (text.charCodeAt(from) !== 0x22) return -1;
  let at = text.indexOf('"', from + 1);
  while (at !== -1) {
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

/** An escape that may be half of a surrogate pair. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/** A half that has lost the other one becomes U+FFFD. Those at the edges of deltas are joined later (item.ts). */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function parseObject(json: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
    const isDelta = deltaTypes.has((value as { type?: string } | null)?.type ?? '');
    if (!isDelta && surrogateEscape.test(json)) value = JSON.parse(json, wellFormed);
  } catch (cause) {
    throw new Failure('upstream_broke', 'The upstream sent an event that is not JSON.', {
      code: 'invalid_event',
      cause,
    });
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** The event with the numbers inside its item or annotation as the upstream wrote them; its own are indexes. */
function exact(event: Record<string, unknown>, json: string): Record<string, unknown> {
  if (!String(event.type).startsWith('response.')) return event; // quota and the like, for codexd alone
  const kept = withExactNumbers(event, json);
  if (kept === event) return event;
  return Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, numberOf(value) ?? value]));
}

function index(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
