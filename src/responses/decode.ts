// Decodes the upstream's bytes to events. The names of its server-sent events are redundant: the JSON repeats them in
// `type`. There is no `[DONE]`; an event without its blank line was cut off and is not delivered.
import { createParser } from 'eventsource-parser';
import { parseExact, withExactNumbers } from '../base/exact-json.ts';
import { Failure } from '../failure.ts';
import { DeltaLayouts } from './delta-layout.ts';
import { DeltaEvent, type DeltaType, type ResponsesEvent } from './event.ts';
import { isObject } from './fields.ts';
import { fieldsOf } from './json-scan.ts';

export type EventSink = (event: ResponsesEvent) => void;

/** A base64 image may take several megabytes. */
const maxEventLength = 64 * 1024 * 1024;

export class Decoder {
  readonly #text = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ data }) => this.#decode(data),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') throw eventTooLarge();
    },
    maxBufferSize: maxEventLength,
  });
  readonly #layouts = new DeltaLayouts();
  /** The event being parsed as received, including line ends; undefined if it came in several chunks. */
  #raw: string | undefined;
  /** Whether the next text begins an event: the parser has seen a blank line and nothing since. */
  #isBetweenEvents = true;
  /** The last character passed to the parser. */
  #last = 0;
  #closed = false;

  constructor(private readonly sink: EventSink) {}

  /** Ignores all further input. After the terminal event anything is allowed. */
  close(): void {
    this.#closed = true;
  }

  push(bytes: Uint8Array): void {
    const text = this.#text.decode(bytes, { stream: true });
    const hasReturns = text.includes('\r');
    let at = 0;
    while (at < text.length && !this.#closed) {
      if (this.#isBetweenEvents) at = this.#layouts.read(text, at, this.sink);
      if (at < text.length) at = this.#parse(text, at, hasReturns);
    }
  }

  /** Parses up to the end of the event that begins or continues at `from`. Returns that end. */
  #parse(text: string, from: number, hasReturns: boolean): number {
    const end = this.#endOfEvent(text, from, hasReturns);
    const piece = text.slice(from, end ?? text.length);
    this.#raw = this.#isBetweenEvents && end !== undefined ? piece : undefined;
    this.#isBetweenEvents = end !== undefined;
    this.#last = piece.charCodeAt(piece.length - 1);
    this.#parser.feed(piece);
    return from + piece.length;
  }

  /** The position after the next blank line; undefined if that is still to come. */
  #endOfEvent(text: string, from: number, hasReturns: boolean): number | undefined {
    const first = text.charCodeAt(from);
    const goesOn = this.#last === carriageReturn && first === lineFeed ? from + 1 : from;
    if (goesOn === from && isLineEnd(this.#last) && isLineEnd(first)) return from + 1;
    if (!hasReturns) {
      const blank = text.indexOf('\n\n', goesOn);
      return blank === -1 ? undefined : blank + 2;
    }
    blankLine.lastIndex = goesOn;
    return blankLine.test(text) ? blankLine.lastIndex : undefined;
  }

  #decode(json: string): void {
    if (this.#closed || !json.startsWith('{')) return; // `[DONE]` and noise, which Codex skips too
    const event = parseObject(json);
    const type = event?.type;
    if (event === undefined || typeof type !== 'string') return;
    if (!deltaTypes.has(type) || typeof event.delta !== 'string') {
      const text = surrogateEscape.test(json) ? JSON.stringify(parseExact(json), wellFormed) : json;
      const whole = text === json ? event : (JSON.parse(text) as typeof event);
      this.sink(exact(whole, text) as ResponsesEvent);
      return;
    }
    const delta = new DeltaEvent(
      type as DeltaType,
      typeof event.item_id === 'string' ? event.item_id : '',
      index(event.output_index) ?? -1,
      index(event.content_index) ?? index(event.summary_index) ?? 0,
      deltaLiteral(json),
    );
    if (this.#raw !== undefined) this.#layouts.learn(delta, this.#raw, json);
    this.sink(delta);
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

/** The delta as the upstream wrote it. If there are two members of that name, JSON takes the last. */
function deltaLiteral(json: string): string {
  const { start, end } = fieldsOf(json).findLast(({ key }) => key === 'delta') as {
    start: number;
    end: number;
  };
  return json.slice(start, end);
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** A line end and the end of the blank line after it. */
const blankLine = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/g;

function isLineEnd(code: number): boolean {
  return code === lineFeed || code === carriageReturn;
}

function eventTooLarge(): Failure {
  return new Failure(
    'upstream_broke',
    `The upstream sent an event that exceeds the size limit (${maxEventLength} characters).`,
    { code: 'event_too_large', retry: false },
  );
}

/** An escape that may be half of a surrogate pair. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/** Replaces a lone surrogate by U+FFFD. Pairs split between deltas are joined later (item.ts). */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
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
  return isObject(value) ? value : undefined;
}

/** The event with its numbers as the upstream wrote them, except those that codexd calculates with. */
function exact(event: Record<string, unknown>, json: string): Record<string, unknown> {
  if (!String(event.type).startsWith('response.')) return event; // quota and the like, for codexd alone
  const kept = withExactNumbers(event, json);
  if (kept === event) return event;
  const indexes = Object.entries(event).filter(([, value]) => typeof value === 'number');
  const whole = { ...kept, ...Object.fromEntries(indexes) };
  if (!isObject(event.response) || !isObject(kept.response)) return whole;
  const counted = Object.entries(event.response).filter(([key]) => counts.has(key));
  return { ...whole, response: { ...kept.response, ...Object.fromEntries(counted) } };
}

/** Times, token counts and limits of a response. */
const counts = new Set(['created_at', 'completed_at', 'usage', 'tool_usage', 'error']);

function index(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
