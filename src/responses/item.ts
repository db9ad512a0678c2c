// The order inside one output item: one part open at a time, opened before its deltas and closed after them, and the deltas
// add up to its text. Missing events are added. If the final text contradicts the deltas, the deltas win.
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
  /** Whether to keep texts in case the upstream does not repeat them in their `.done`. */
  accumulateText: boolean;
  /** Characters of one kept text. */
  textLimit: number | undefined;
  /** Counts an event that has to wait. Throws if too much is waiting. */
  hold: (event: ResponsesEvent) => void;
}

interface Part extends SentText {
  upstreamIndex: number;
  /** Position in its list in the order of opening, contiguous. */
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
  /** The item as announced. It becomes the final item if the upstream never finishes it. */
  #announced: OutputItem;
  /** The open part. */
  part: Part | undefined;
  #closed: Part[] = [];
  /** Whether the upstream reported a message or a call as incomplete. */
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

  /** Whether the item can be announced. A call that the upstream did not announce gets its name with its end. */
  get isNamed(): boolean {
    if (this.type !== 'function_call' && this.type !== 'custom_tool_call') return true;
    const { call_id, name } = this.#announced as { call_id?: unknown; name?: unknown };
    return isName(call_id) && isName(name);
  }

  /** Keeps an event for later. The end of an unnamed call provides its name. */
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

  /** Handles an event of this item while the item is open. */
  push(event: ResponsesEvent): void {
    if (event.type === 'response.output_item.added') return; // announced already
    if (event.type === 'response.output_item.done') {
      this.close((event as OutputItemEvent).item);
      return;
    }
    const ref = partRefOf(event);
    if (ref === undefined) this.#pass(event);
    else if (!this.#isClosed(ref)) this.#pushTo(ref, event);
  }

  /** The next delta of the open part, already under this item's id and index. */
  send(part: Part, event: DeltaEvent): void {
    if (event.escapes === 'unicode' || part.half !== '') this.#sendJoined(part, event);
    else this.#sendWhole(part, event);
  }

  #sendWhole(part: Part, event: DeltaEvent): void {
    const { json, escapes } = event;
    if (part.kept !== undefined) part.kept.add(event);
    else part.sentLength += escapes === 'none' ? json.length - 2 : unescapedLength(json);
    part.before = part.last;
    part.last = event;
    this.context.sink(event);
  }

  /** Only an escape can be half of a surrogate pair, since UTF-8 cannot encode one. Both halves are sent together. */
  #sendJoined(part: Part, event: DeltaEvent): void {
    const own = event.delta;
    const delta = part.half + own;
    part.half = '';
    if (delta.isWellFormed() && delta.length === own.length) {
      this.#sendWhole(part, event);
      return;
    }
    if (/[\ud800-\udbff]$/.test(delta)) part.half = delta.slice(-1);
    const text = delta.slice(0, delta.length - part.half.length).toWellFormed();
    if (text === '') return;
    this.#sendWhole(part, new DeltaEvent(event.type, this.id, this.index, part.index, JSON.stringify(text)));
  }

  /** Closes the item with its final state from the upstream. */
  close(done: OutputItem): void {
    while (this.part !== undefined) {
      this.#finish(this.part, { text: textOf(done, this.part.spec, this.part.upstreamIndex) });
      this.#replay();
    }
    for (const ref of specsOfItem(done)) {
      if (this.#isClosed(ref)) continue;
      this.#finish(this.#openPart(ref), { text: textOf(done, ref.spec, ref.index) ?? '' });
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
        throw broken('The upstream never closed a text that exceeds the size limit.');
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

  /** Passes on an event that does not concern a part: a hosted tool's progress, an annotation, something new. */
  #pass(event: ResponsesEvent): void {
    if (event.type.startsWith('response.content_part.')) return; // a part of an unknown kind
    const placed = { ...event, item_id: this.id, output_index: this.index };
    if (event.type !== 'response.output_text.annotation.added') this.context.sink(placed as ResponsesEvent);
    else if (this.part !== undefined) {
      const place = { content_index: this.part.index, annotation_index: this.part.annotations++ };
      this.context.sink({ ...placed, ...place } as ResponsesEvent);
    }
  }

  // --- parts ---

  #isClosed(ref: PartRef): boolean {
    return this.#closed.some((part) => isSame(part, ref));
  }

  #pushTo(ref: PartRef, event: ResponsesEvent): void {
    const { spec } = ref;
    if (this.part !== undefined && (!isSame(this.part, ref) || this.part.spec !== spec)) {
      this.wait(event);
      return;
    }
    const part = this.part ?? this.#openPart(ref);
    const body = event as { [key: string]: unknown };
    if (event instanceof DeltaEvent) this.send(part, this.#placed(event, part));
    else if (event.type === spec.closed) this.#finish(part, { part: body.part });
    else if (event.type === spec.done) {
      // Calls have no closing event: the `.done` of their text ends them.
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
      // Arguments are always kept: a tool must run with exactly the streamed ones.
      kept:
        this.context.accumulateText || isCall(spec) ? new TextAccumulator(this.context.textLimit) : undefined,
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

  /** Sends the rest of the text that the deltas left out, then the text's `.done`. */
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

  /** `final`: the part's final state from the upstream, its text or the whole part. */
  #finish(part: Part, final: { text?: unknown; part?: unknown }): void {
    const { spec } = part;
    const whole = isObject(final.part) ? final.part : {};
    this.#sendRest(part, final.text ?? whole[spec.textKey]);
    this.part = undefined;
    this.#closed.push(part);
    if (spec.closed === undefined) return;
    const closed = { ...partOf(spec, ''), ...whole, type: spec.partType, [spec.textKey]: part.text ?? '' };
    this.#sendOf(part, { type: spec.closed, part: closed });
  }

  #placed(event: DeltaEvent, { index }: Part): DeltaEvent {
    const fits = event.item_id === this.id && event.output_index === this.index && event.part_index === index;
    return fits ? event : new DeltaEvent(event.type, this.id, this.index, index, event.json, event.escapes);
  }

  // --- the item as a whole ---

  /** The item as announced. Types without streamed texts are announced with id and type alone. */
  #announcement(given: OutputItem | undefined): OutputItem {
    const blank = blankParts(this.type);
    const fields = this.#streams ? { ...given, ...blank } : {};
    return { ...this.#identity(), ...fields, ...this.#identity() } as OutputItem;
  }

  /** Whether items of this type have streamed texts. */
  get #streams(): boolean {
    return Object.keys(blankParts(this.type)).length > 0;
  }

  #identity(): Record<string, unknown> {
    return { id: this.id, type: this.type, ...(this.type === 'message' ? { role: 'assistant' } : {}) };
  }

  /** The final item, with the streamed texts filled in where the upstream left them out. */
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

/** Identifies a part of an item: its kind, and its index in the upstream's numbering. */
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

/** Parts of one list share one numbering, whatever their kind. */
function isSame(part: Part, { spec, index }: PartRef): boolean {
  return part.spec.listKey === spec.listKey && part.upstreamIndex === index;
}

/** Whether an event belongs to an item. */
export function concernsItem(event: ResponsesEvent): boolean {
  if ('output_index' in event || 'item_id' in event) return true;
  return event.type.startsWith('response.output_item.') || partRefOf(event) !== undefined;
}

/** Whether a call's arguments are complete JSON. Whether a freeform input is complete cannot be known. */
function isWholeCall(spec: PartSpec, text: string | undefined): boolean {
  return spec.textKey === 'arguments' && text !== undefined && isJson(text);
}

function isCall(spec: PartSpec): boolean {
  return spec.listKey === undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** An item's members before its parts arrive; empty for types without streamed texts. */
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
  return broken("The upstream's response contradicts the parts it streamed.");
}

function broken(message: string): Failure {
  return new Failure('upstream_broke', message, { code: 'stream_incomplete' });
}
