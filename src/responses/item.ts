// The order inside one output item: one part open at a time, opened before its deltas and closed after them, the deltas
// adding up to its text. What the upstream left out is put in; where its end contradicts its deltas, the deltas stay.
import { Failure } from '../failure.ts';
import { DeltaEvent, type OutputItemEvent, type ResponsesEvent } from './event.ts';
import { isObject } from './fields.ts';
import { finalText, isJson, type SentText } from './final-text.ts';
import { unescapedLength } from './json-scan.ts';
import { type PartSpec, partOf, specOfDelta, specOfDone, specOfPart, specsOfItem, textOf } from './part.ts';
import type { OutputItem } from './response.ts';
import { TextAccumulator } from './text-accumulator.ts';

export interface ItemContext {
  sink: (event: ResponsesEvent) => void;
  /** Whether texts are kept in case the upstream does not repeat them at their end. */
  accumulateText: boolean;
  /** Counts an event that has to wait; throws when too much waits. */
  hold: (event: ResponsesEvent) => void;
}

interface Part extends SentText {
  upstreamIndex: number;
  /** In the order of opening among the parts of its list, without holes. */
  index: number;
  /** The first half of a surrogate pair whose second half is in the next delta; empty otherwise. */
  half: string;
  /** The whole text, once it is known. */
  text: string | undefined;
  /** The text's own `.done` was sent. */
  textDone: boolean;
  annotations: number;
}

export class Item {
  state: 'waiting' | 'open' | 'closed' = 'waiting';
  /** Position in the order of opening, contiguous whatever the upstream counts; -1 before. */
  index = -1;
  /** As it was announced; filled up when the upstream never finishes it. */
  #announced: OutputItem;
  /** The open part. */
  part: Part | undefined;
  #closed: Part[] = [];
  /** The upstream said of a message or a call that it is not whole. */
  isCut = false;
  /** Events that came before their turn: while another item is open, or another part of this one. */
  #waiting: ResponsesEvent[] = [];

  constructor(
    readonly id: string,
    readonly type: string,
    readonly upstreamIndex: number,
    given: OutputItem | undefined,
    private readonly context: ItemContext,
  ) {
    this.#announced = this.#announcement(given);
  }

  /** A call that nobody announced can only be shown once its end tells what it calls. */
  get isNamed(): boolean {
    if (this.type !== 'function_call' && this.type !== 'custom_tool_call') return true;
    const { call_id, name } = this.#announced as { call_id?: unknown; name?: unknown };
    return isName(call_id) && isName(name);
  }

  /** Keeps an event for later. The end of an unnamed call names it. */
  wait(event: ResponsesEvent): void {
    if (event.type === 'response.output_item.done' && !this.isNamed) {
      this.#announced = this.#announcement((event as OutputItemEvent).item);
      if (!this.isNamed) throw contradiction();
    }
    this.context.hold(event);
    this.#waiting.push(event);
  }

  open(index: number): void {
    this.state = 'open';
    this.index = index;
    this.context.sink({
      type: 'response.output_item.added',
      output_index: index,
      item: { ...this.#announced, ...blankParts(this.type), status: 'in_progress' },
    });
    this.#replay();
  }

  /** An event of this item while it is open. */
  push(event: ResponsesEvent): void {
    if (event.type === 'response.output_item.added') return; // announced already
    if (event.type === 'response.output_item.done') {
      this.close((event as OutputItemEvent).item);
      return;
    }
    const place = partRefOf(event);
    if (place === undefined) this.#pass(event);
    else if (!this.#isClosed(place)) this.#pushTo(place, event);
  }

  /** The next delta of the open part, already under this item's id and index. */
  send(part: Part, event: DeltaEvent): void {
    const { json } = event;
    if (part.half !== '' || json.includes('\\u')) this.#sendJoined(part, event);
    else this.#sendLiteral(part, event, unescapedLength(json));
  }

  #sendLiteral(part: Part, event: DeltaEvent, length: number): void {
    part.sentLength += length;
    part.before = part.last;
    part.last = event;
    part.kept?.add(event);
    this.context.sink(event);
  }

  /** Only an escape can be half of a surrogate pair: UTF-8 cannot say it. The halves of a pair are sent together. */
  #sendJoined(part: Part, event: DeltaEvent): void {
    const own = event.delta;
    const delta = part.half + own;
    part.half = '';
    if (delta.isWellFormed() && delta.length === own.length) {
      this.#sendLiteral(part, event, own.length);
      return;
    }
    if (/[\ud800-\udbff]$/.test(delta)) part.half = delta.slice(-1);
    const text = delta.slice(0, delta.length - part.half.length).toWellFormed();
    if (text === '') return;
    const joined = new DeltaEvent(event.type, this.id, this.index, part.index, JSON.stringify(text));
    this.#sendLiteral(part, joined, text.length);
  }

  /** Closes the item with what the upstream says it is in the end. */
  close(done: OutputItem): void {
    while (this.part !== undefined) {
      this.#finish(this.part, { text: textOf(done, this.part.spec, this.part.upstreamIndex) });
      this.#replay();
    }
    for (const place of specsOfItem(done)) {
      if (this.#isClosed(place)) continue;
      this.#finish(this.#openPart(place), { text: textOf(done, place.spec, place.index) ?? '' });
    }
    this.state = 'closed';
    const item = this.#whole(done);
    this.isCut = item.status === 'incomplete' && item.type !== 'reasoning' && this.#streams;
    this.context.sink({ type: 'response.output_item.done', output_index: this.index, item });
    this.#closed = [];
    this.#waiting = [];
  }

  /** Closes an item that the upstream streamed but never finished. */
  closeUnfinished(status: 'completed' | 'incomplete'): void {
    while (this.part !== undefined) {
      const { kept, spec } = this.part;
      const text = kept?.text();
      if (kept !== undefined && text === undefined) {
        throw broken('The upstream never closed a text that is too long to keep.');
      }
      if (status === 'completed' && isCall(spec) && !isWholeCall(spec, text)) throw contradiction();
      this.#finish(this.part, {});
      this.#replay();
    }
    if (this.state === 'open') this.close({ ...this.#announced, status } as OutputItem);
  }

  #replay(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) if (this.state === 'open') this.push(event);
  }

  /** An event of the item that concerns no text: a hosted tool's progress, an annotation, something new. */
  #pass(event: ResponsesEvent): void {
    if (event.type.startsWith('response.content_part.')) return; // of a kind of part that nobody reads yet
    const placed = { ...event, item_id: this.id, output_index: this.index };
    if (event.type !== 'response.output_text.annotation.added') this.context.sink(placed as ResponsesEvent);
    else if (this.part !== undefined) {
      const place = { content_index: this.part.index, annotation_index: this.part.annotations++ };
      this.context.sink({ ...placed, ...place } as ResponsesEvent);
    }
  }

  // --- parts ---

  #isClosed(place: PartRef): boolean {
    return this.#closed.some((part) => isSame(part, place));
  }

  #pushTo(place: PartRef, event: ResponsesEvent): void {
    const { spec } = place;
    if (this.part !== undefined && (!isSame(this.part, place) || this.part.spec !== spec)) {
      this.wait(event);
      return;
    }
    const part = this.part ?? this.#openPart(place);
    const body = event as { [key: string]: unknown };
    if (event instanceof DeltaEvent) this.send(part, this.#placed(event, part));
    else if (event.type === spec.closed) this.#finish(part, { part: body.part });
    else if (event.type === spec.done) {
      // Calls have no closing event of their own: their text's `.done` is their end.
      if (spec.closed === undefined) this.#finish(part, { text: body[spec.textKey] });
      else this.#sendRest(part, body[spec.textKey]);
    }
    if (this.part === undefined && this.#waiting.length > 0) this.#replay();
  }

  #openPart({ spec, index: upstreamIndex }: PartRef): Part {
    if (isCall(spec) && spec.itemType !== this.type) throw contradiction();
    const part: Part = {
      spec,
      upstreamIndex,
      index: this.#closed.filter((each) => each.spec.listKey === spec.listKey).length,
      sentLength: 0,
      half: '',
      before: undefined,
      last: undefined,
      // Arguments are always kept: a tool must not run with others than were streamed.
      kept: this.context.accumulateText || isCall(spec) ? new TextAccumulator() : undefined,
      text: undefined,
      textDone: false,
      annotations: 0,
    };
    this.part = part;
    if (spec.opened !== undefined) this.#sendOf(part, { type: spec.opened, part: partOf(spec, '') });
    return part;
  }

  /** Sends an event about a part. */
  #sendOf(part: Part, event: { type: string; [key: string]: unknown }): void {
    const { indexKey } = part.spec;
    const place = indexKey === undefined ? {} : { [indexKey]: part.index };
    this.context.sink({ ...event, item_id: this.id, output_index: this.index, ...place } as ResponsesEvent);
  }

  /** Sends what of the text the deltas did not bring, then the text's `.done`. */
  #sendRest(part: Part, given: unknown): void {
    if (part.textDone) return;
    const { spec, half } = part;
    part.half = '';
    const final = finalText(part, typeof given === 'string' ? given.toWellFormed() : undefined);
    if (final.contradictory) throw contradiction();
    const lost = half === '' || final.rest !== '' ? '' : '\ufffd';
    const rest = final.rest + lost;
    if (rest !== '') {
      this.send(part, new DeltaEvent(spec.delta, this.id, this.index, part.index, JSON.stringify(rest)));
    }
    part.text = final.text === undefined ? undefined : final.text + lost;
    part.textDone = true;
    this.#sendOf(part, { type: spec.done, [spec.textKey]: part.text ?? '', ...spec.doneExtras });
  }

  /** `given`: what the upstream says the part is in the end, its text or the whole of it. */
  #finish(part: Part, given: { text?: unknown; part?: unknown }): void {
    const { spec } = part;
    const whole = isObject(given.part) ? given.part : {};
    this.#sendRest(part, given.text ?? whole[spec.textKey]);
    this.part = undefined;
    this.#closed.push(part);
    if (spec.closed === undefined) return;
    const closed = { ...partOf(spec, ''), ...whole, type: spec.partType, [spec.textKey]: part.text ?? '' };
    this.#sendOf(part, { type: spec.closed, part: closed });
  }

  #placed(event: DeltaEvent, { index }: Part): DeltaEvent {
    const fits = event.item_id === this.id && event.output_index === this.index && event.part_index === index;
    return fits ? event : new DeltaEvent(event.type, this.id, this.index, index, event.json);
  }

  // --- the item as a whole ---

  /** How the item is announced. An item of a type that streams nothing is announced by its bare name. */
  #announcement(given: OutputItem | undefined): OutputItem {
    const blank = blankParts(this.type);
    const fields = this.#streams ? { ...given, ...blank } : {};
    return { ...this.#identity(), ...fields, ...this.#identity() } as OutputItem;
  }

  /** Whether items of this type stream texts. */
  get #streams(): boolean {
    return Object.keys(blankParts(this.type)).length > 0;
  }

  #identity(): Record<string, unknown> {
    return { id: this.id, type: this.type, ...(this.type === 'message' ? { role: 'assistant' } : {}) };
  }

  /** The finished item, with the texts that were streamed where the upstream left them out. */
  #whole(done: OutputItem): OutputItem {
    const out: Record<string, unknown> = {
      ...this.#identity(),
      ...blankParts(this.type),
      ...done,
      ...this.#identity(),
    };
    if (typeof out.status !== 'string' || this.#streams) {
      out.status = out.status === 'incomplete' ? 'incomplete' : 'completed';
    }
    for (const key of ['call_id', 'name'] as const) {
      const announced = (this.#announced as Record<string, unknown>)[key];
      if (isName(announced)) out[key] = announced;
    }
    for (const key of ['content', 'summary'] as const) {
      if (Array.isArray(out[key])) out[key] = out[key].filter(isObject);
      else if (key in blankParts(this.type)) out[key] = [];
      else delete out[key];
    }
    for (const { spec, index, text } of this.#closed) {
      if (spec.listKey === undefined) out[spec.textKey] = text ?? out[spec.textKey];
      else if (this.#streams) {
        out[spec.listKey] ??= [];
        const list = out[spec.listKey] as Record<string, unknown>[];
        const part = { ...spec.extras, ...list[index] };
        list[index] = { type: spec.partType, ...part, [spec.textKey]: text ?? part[spec.textKey] ?? '' };
      }
    }
    return out as unknown as OutputItem;
  }
}

/** A place in an item: which kind of part, and its index as the upstream counts. */
interface PartRef {
  spec: PartSpec;
  index: number;
}

function partRefOf(event: ResponsesEvent): PartRef | undefined {
  if (event instanceof DeltaEvent) return { spec: specOfDelta(event.type), index: event.part_index };
  const spec = specOfDone(event.type) ?? specOfPart(event);
  if (spec === undefined) return undefined;
  const index = spec.indexKey === undefined ? 0 : (event as Record<string, unknown>)[spec.indexKey];
  return { spec, index: typeof index === 'number' ? index : 0 };
}

/** Parts of one list share their numbers, whatever their kind. */
function isSame(part: Part, { spec, index }: PartRef): boolean {
  return part.spec.listKey === spec.listKey && part.upstreamIndex === index;
}

/** Whether an event concerns an item at all. */
export function concernsItem(event: ResponsesEvent): boolean {
  if ('output_index' in event || 'item_id' in event) return true;
  return event.type.startsWith('response.output_item.') || partRefOf(event) !== undefined;
}

/** A tool must not run with arguments that are cut. Of a freeform input nobody can say whether it is whole. */
function isWholeCall(spec: PartSpec, text: string | undefined): boolean {
  return spec.textKey === 'arguments' && text !== undefined && isJson(text);
}

function isCall(spec: PartSpec): boolean {
  return spec.listKey === undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** What an item holds before its parts have come; nothing for types that stream none. */
function blankParts(type: string): Record<string, unknown> {
  switch (type) {
    case 'message':
      return { content: [] };
    case 'reasoning':
      return { summary: [] };
    case 'function_call':
      return { arguments: '' };
    case 'custom_tool_call':
      return { input: '' };
    default:
      return {};
  }
}

export function contradiction(): Failure {
  return broken("The upstream's pieces of an answer don't add up to the whole.");
}

function broken(message: string): Failure {
  return new Failure('upstream_broke', message, { code: 'stream_incomplete' });
}
