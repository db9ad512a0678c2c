// How the deltas of one part look on the wire. They differ in little: the delta itself, a sequence number, padding. So a
// layout is learned from the first one, whatever the order of its keys, and later ones are recognised by comparing the
// text between the values that change. Nothing is parsed, and everything a layout accepts is what parsing would give.
import { DeltaEvent } from './event.ts';
import { endOfInteger, endOfString, fieldsOf } from './json-scan.ts';

/** They identify the part, so they must be equal in all its deltas. */
const identityKeys = new Set(['type', 'item_id', 'output_index', 'content_index', 'summary_index']);

interface Layout {
  first: DeltaEvent;
  /** The text before the first changing value, between each two, and after the last. */
  constants: string[];
  values: ('delta' | 'string' | 'integer')[];
}

/** More parts than this are hardly ever interleaved. */
const maxLayouts = 8;
/** After this many learned layouts in a row without a match, learning costs more than it saves. */
const maxUnused = 32;

export class DeltaLayouts {
  readonly #layouts: Layout[] = [];
  /** The one that matched last. */
  #current = 0;
  #unused = 0;

  /** `raw`: the delta's whole event as received, line ends included. `json`: its data. */
  learn(event: DeltaEvent, raw: string, json: string): void {
    if (this.#unused >= maxUnused) return;
    const layout = layoutOf(event, raw, json);
    if (layout === undefined) return;
    this.#unused += 1;
    this.#layouts.push(layout);
    if (this.#layouts.length > maxLayouts) this.#layouts.shift();
    this.#current = this.#layouts.length - 1;
  }

  /** Passes on the deltas at `from` whose layout is known. Returns the position of the first other event. */
  read(text: string, from: number, sink: (event: DeltaEvent) => void): number {
    let at = from;
    for (let mismatches = 0; mismatches < this.#layouts.length; ) {
      const end = readAll(this.#layouts[this.#current] as Layout, text, at, sink);
      if (end > at) {
        at = end;
        mismatches = 1;
        this.#unused = 0;
      } else mismatches += 1;
      if (mismatches < this.#layouts.length) this.#current = (this.#current + 1) % this.#layouts.length;
    }
    return at;
  }
}

/** Passes on the deltas of this layout; returns where they end. */
function readAll(layout: Layout, text: string, from: number, sink: (event: DeltaEvent) => void): number {
  const { first, constants, values } = layout;
  const head = constants[0] as string;
  let at = from;
  next: while (text.startsWith(head, at)) {
    let end = at + head.length;
    let json = '';
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      const valueEnd = value === 'integer' ? endOfInteger(text, end) : endOfString(text, end);
      const constant = constants[index + 1] as string;
      if (valueEnd === -1 || !text.startsWith(constant, valueEnd)) break next;
      if (value === 'delta') json = text.slice(end, valueEnd);
      end = valueEnd + constant.length;
    }
    sink(new DeltaEvent(first.type, first.item_id, first.output_index, first.part_index, json));
    at = end;
  }
  return at;
}

/** Undefined for an event whose data spans several lines. */
function layoutOf(first: DeltaEvent, raw: string, json: string): Layout | undefined {
  const offset = raw.indexOf(json);
  if (offset === -1) return undefined;
  const constants: string[] = [];
  const values: Layout['values'] = [];
  let at = 0;
  for (const { key, start, end } of fieldsOf(json)) {
    const value = key === 'delta' ? 'delta' : identityKeys.has(key) ? undefined : kindOf(json, start, end);
    if (value === undefined) continue;
    constants.push(raw.slice(at, offset + start));
    values.push(value);
    at = offset + end;
  }
  return { first, constants: [...constants, raw.slice(at)], values };
}

/** The kind of a value that may differ between deltas without being part of their meaning. */
function kindOf(json: string, start: number, end: number): 'string' | 'integer' | undefined {
  if (json.charAt(start) === '"') return 'string';
  return endOfInteger(json, start) === end ? 'integer' : undefined;
}
