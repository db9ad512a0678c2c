// How the deltas of one part look on the wire. They differ in little: the delta itself, a sequence number, padding. So a
// layout is learned from the first one, whatever the order of its keys: two regular expressions, in which only those values
// are free. Nothing is parsed, and everything a layout accepts is what parsing would give. Compared with a loop over the
// characters, this is as fast in a fresh process as in one that has run for hours.
import { DeltaEvent } from './event.ts';
import { type Escapes, endOfInteger, type JsonField } from './json-scan.ts';

/** They identify the part, so they must be equal in all its deltas. */
const identityKeys = new Set(['type', 'item_id', 'output_index', 'content_index', 'summary_index']);

interface Layout {
  first: DeltaEvent;
  /** From the beginning of the event to the delta's first escape, or its closing quote. */
  head: RegExp;
  /** From the delta's closing quote to the end of the event. */
  rest: RegExp;
  /** Where the delta's literal begins; undefined if other values that change come before it. */
  start: number | undefined;
  /** The one that followed last time: parts that are streamed at the same time take turns. */
  next: Layout;
}

/** Characters that stand for themselves in a JSON string. */
const ordinary = String.raw`[^"\\\x00-\x1f]*`;
const shortEscape = String.raw`\\["\\/bfnrt]`;
const anyEscape = String.raw`\\(?:["\\/bfnrt]|u[\da-fA-F]{4})`;
/** More repetitions of a group make an expression slow (docs/bun.md#sticky-expressions). */
const maxEscapes = 256;
const string = `"${ordinary}(?:${anyEscape}${ordinary}){0,${maxEscapes}}"`;
const integer = String.raw`(?:0|[1-9]\d*)`;

const quote = 0x22;

/** More parts than this are hardly ever interleaved. */
const maxLayouts = 8;
/** After this many learned layouts in a row without a match, learning costs more than it saves. */
const maxUnused = 32;

export class DeltaLayouts {
  readonly #layouts: Layout[] = [];
  /** The rest of a string from its first escape, without the closing quote. */
  readonly #short = new RegExp(`(?:${shortEscape}${ordinary}){1,${maxEscapes}}`, 'y');
  readonly #escaped = new RegExp(`(?:${anyEscape}${ordinary}){1,${maxEscapes}}`, 'y');
  /** The one that matched last. */
  #last: Layout | undefined;
  #unused = 0;

  /** `raw`: the delta's whole event as received, line ends included. `json`: its data. `fields`: the members of `json`. */
  learn(event: DeltaEvent, raw: string, json: string, fields: JsonField[]): void {
    if (this.#unused >= maxUnused) return;
    const layout = layoutOf(event, raw, json, fields);
    if (layout === undefined) return;
    this.#unused += 1;
    this.#layouts.push(layout);
    if (this.#layouts.length > maxLayouts) this.#layouts.shift();
    if (this.#last !== undefined) this.#last.next = layout;
    this.#last = layout;
  }

  /** Passes on the deltas at `from` whose layout is known. Returns the position of the first other event. */
  read(text: string, from: number, sink: (event: DeltaEvent) => void): number {
    let at = from;
    for (let last = this.#last; last !== undefined && at < text.length; ) {
      let layout = last.next;
      let end = this.#readOne(layout, text, at, sink);
      if (end === -1) {
        for (layout of this.#layouts) {
          end = layout === last.next ? -1 : this.#readOne(layout, text, at, sink);
          if (end !== -1) break;
        }
        if (end === -1) return at;
        last.next = layout;
      }
      this.#unused = 0;
      this.#last = layout;
      last = layout;
      at = end;
    }
    return at;
  }

  /** Passes on the delta at `at` if it has this layout; returns where it ends, or else -1. */
  #readOne(layout: Layout, text: string, at: number, sink: (event: DeltaEvent) => void): number {
    const { first, head, rest, start } = layout;
    head.lastIndex = at;
    if (!head.test(text)) return -1;
    let end = head.lastIndex;
    const literalAt = start === undefined ? text.lastIndexOf('"', end - 1) : at + start;
    let escapes: Escapes = 'none';
    if (text.charCodeAt(end) !== quote) {
      escapes = 'short';
      this.#short.lastIndex = end;
      if (!this.#short.test(text) || text.charCodeAt(this.#short.lastIndex) !== quote) {
        escapes = 'unicode';
        this.#escaped.lastIndex = end;
        if (!this.#escaped.test(text)) return -1;
        end = this.#escaped.lastIndex;
      } else end = this.#short.lastIndex;
    }
    rest.lastIndex = end;
    if (!rest.test(text)) return -1;
    const json = text.slice(literalAt, end + 1);
    sink(new DeltaEvent(first.type, first.item_id, first.output_index, first.part_index, json, escapes));
    return rest.lastIndex;
  }
}

/** Undefined for an event whose data spans several lines, and for one with two deltas. */
function layoutOf(first: DeltaEvent, raw: string, json: string, fields: JsonField[]): Layout | undefined {
  const offset = raw.indexOf(json);
  if (offset === -1 || fields.filter(({ key }) => key === 'delta').length > 1) return undefined;
  let head = '';
  let start: number | undefined;
  let pattern = '';
  let at = 0;
  for (const { key, start: from, end } of fields) {
    const value = patternOf(json, from, end);
    if (value === undefined || identityKeys.has(key)) continue;
    const constant = RegExp.escape(raw.slice(at, offset + from));
    if (key === 'delta') {
      head = `${pattern}${constant}"${ordinary}`;
      start = pattern === '' ? offset + from : undefined;
      pattern = '"';
    } else pattern += constant + value;
    at = offset + end;
  }
  // Without framing there is one event in a text.
  const rest = pattern + RegExp.escape(raw.slice(at)) + (raw === json ? '$' : '');
  const layout = { first, head: new RegExp(head, 'y'), rest: new RegExp(rest, 'y'), start } as Layout;
  layout.next = layout;
  return layout;
}

/** What may stand in place of a value that is not part of the meaning. */
function patternOf(json: string, start: number, end: number): string | undefined {
  if (json.charAt(start) === '"') return string;
  return endOfInteger(json, start) === end ? integer : undefined;
}
