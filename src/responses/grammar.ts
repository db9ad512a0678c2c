// Makes the order of the upstream's events dependable, so that encoders are plain switches (style.md 1). After it: one
// `response.created` first; one output item open at a time, and in it one part; what was opened is closed; the deltas of
// a part add up to its text; exactly one terminal event, and nothing after it. A stream that failed, contradicts itself
// or was cut throws a Failure. The order the upstream normally keeps is in reference/upstream-codex.md 6.3.
import { Failure } from '../failure.ts';
import { streamFailure, type UpstreamError } from './error.ts';
import { DeltaEvent, type OutputItemEvent, type ResponsesEvent, type TerminalEvent } from './event.ts';
import { type PartSpec, partOf, specOfDelta, specOfDone, specOfPart, specsOfItem, textOf } from './part.ts';
import type { OutputItem, ResponsesResponse } from './response.ts';

export interface GrammarOptions {
  /** Ids for what the upstream left unnamed. `prefix` is `resp`, `msg`, `rs`, `fc` … */
  newId: (prefix: string) => string;
  nowMs: () => number;
  /**
   * Whether an item that the upstream streams but never finishes is closed with its text (kept meanwhile, up to
   * `keptTextLimit`). Encoders that never repeat a text do not need it, and save the memory.
   */
  keepText: boolean;
}

/** Characters of events that wait for an earlier item or part to close. */
const waitingLimit = 16 * 1024 * 1024;
/** Characters of one part's text kept in case the upstream does not repeat it. */
const keptTextLimit = 8 * 1024 * 1024;

interface Part {
  spec: PartSpec;
  index: number;
  /** UTF-16 units sent as deltas so far. */
  sentLength: number;
  /** The text sent so far, when it is kept. */
  kept: KeptText | undefined;
  /** The text's own `.done` was sent. */
  textDone: boolean;
}

interface Item {
  id: string;
  type: string;
  /** Position by first appearance: contiguous, whatever the upstream counts. */
  index: number;
  upstreamIndex: number;
  state: 'waiting' | 'open' | 'closed';
  /** As it was announced; filled up when the upstream never finishes it. */
  announced: OutputItem;
  part: Part | undefined;
  /** Parts already closed, as finished content. */
  closedParts: { spec: PartSpec; index: number; text: string | undefined }[];
  /** Events that came before their turn: of this item while another is open, or of a part while another is. */
  waiting: ResponsesEvent[];
}

export class Grammar {
  readonly #items: Item[] = [];
  readonly #byId = new Map<string, Item>();
  #open: Item | undefined;
  #waitingLength = 0;
  #created: ResponsesResponse | undefined;
  #response: ResponsesResponse | undefined;

  constructor(
    private readonly sink: (event: ResponsesEvent) => void,
    private readonly options: GrammarOptions,
  ) {}

  /** The terminal event has been passed on; whatever comes after it is ignored. */
  get finished(): boolean {
    return this.#response !== undefined;
  }

  /** The response of the terminal event. */
  get response(): ResponsesResponse | undefined {
    return this.#response;
  }

  push(event: ResponsesEvent): void {
    if (this.#response !== undefined) return;
    // The one path that nine events in ten take: the next delta of the open part.
    if (event instanceof DeltaEvent) {
      const item = this.#open;
      const part = item?.part;
      if (
        part !== undefined &&
        item?.id === event.item_id &&
        item.index === event.output_index &&
        part.index === event.part_index &&
        part.spec.delta === event.type
      ) {
        this.#send(part, event);
        return;
      }
      this.#route(event);
      return;
    }
    switch (event.type) {
      case 'response.created':
        this.#begin(objectOr((event as { response?: unknown }).response));
        return;
      case 'error':
        throw streamFailure(errorOf(event), this.options.nowMs());
      case 'response.failed':
        throw streamFailure(
          errorOf(objectOr((event as { response?: unknown }).response) ?? {}),
          this.options.nowMs(),
        );
      case 'response.completed':
      case 'response.incomplete':
        this.#end(event as TerminalEvent);
        return;
      default:
        if (isOfItem(event)) this.#route(event);
        else this.#pass(event);
    }
  }

  /** The upstream closed the connection. Throws when it had not finished: a cut answer is never passed off as whole. */
  end(): void {
    if (this.#response !== undefined) return;
    throw new Failure('upstream_broke', 'The upstream closed the stream before the answer was finished.', {
      code: 'stream_incomplete',
    });
  }

  #begin(response: ResponsesResponse | undefined): void {
    if (this.#created !== undefined) return;
    this.#created = {
      ...response,
      id: typeof response?.id === 'string' && response.id !== '' ? response.id : this.options.newId('resp'),
      created_at: Math.floor(
        typeof response?.created_at === 'number' ? response.created_at : this.options.nowMs() / 1000,
      ),
      status: 'in_progress',
    };
    this.sink({ type: 'response.created', response: this.#created });
  }

  /** Passes on an event that belongs to no item. Private ones may come before `response.created`. */
  #pass(event: ResponsesEvent): void {
    const { response } = event as { response?: unknown };
    if (event.type.startsWith('response.')) this.#begin(objectOr(response));
    this.sink(event);
  }

  // --- items ---

  #route(event: ResponsesEvent): void {
    if (event.type.startsWith('response.output_item.') && !isObject((event as OutputItemEvent).item)) {
      throw new Failure('upstream_broke', 'The upstream sent an output item that is none.', {
        code: 'invalid_event',
      });
    }
    this.#begin(undefined);
    const item = this.#itemOf(event);
    if (item.state === 'closed') return; // a repetition
    if (this.#open === undefined) this.#openItem(item);
    if (item.state === 'open') this.#within(item, event);
    else this.#wait(item, event);
  }

  #itemOf(event: ResponsesEvent): Item {
    const { item, item_id, output_index } = event as {
      item?: { id?: unknown; type?: unknown };
      item_id?: unknown;
      output_index?: unknown;
    };
    const id = typeof item?.id === 'string' && item.id !== '' ? item.id : item_id;
    const known =
      (typeof id === 'string' && id !== '' ? this.#byId.get(id) : undefined) ??
      this.#items.find((each) => each.upstreamIndex === output_index && each.state !== 'closed');
    if (known !== undefined) return known;
    if (id === undefined && output_index === undefined && this.#open !== undefined) return this.#open;
    return this.#newItem(event, typeof id === 'string' ? id : '', output_index);
  }

  #newItem(event: ResponsesEvent, upstreamId: string, upstreamIndex: unknown): Item {
    const given = (event as OutputItemEvent).item;
    const type = typeof given?.type === 'string' ? given.type : itemTypeOf(event.type);
    const id = upstreamId === '' ? this.options.newId(idPrefixes[type] ?? 'item') : upstreamId;
    const item: Item = {
      id,
      type,
      index: this.#items.length,
      upstreamIndex: typeof upstreamIndex === 'number' ? upstreamIndex : -1,
      state: 'waiting',
      announced: { ...announcement(type, given), id, type },
      part: undefined,
      closedParts: [],
      waiting: [],
    };
    this.#items.push(item);
    this.#byId.set(id, item);
    return item;
  }

  #openItem(item: Item): void {
    item.state = 'open';
    this.#open = item;
    this.sink({
      type: 'response.output_item.added',
      output_index: item.index,
      item: { ...item.announced, ...blankParts(item.type), status: 'in_progress' },
    });
  }

  #closeItem(item: Item, done: OutputItem): void {
    if (item.part !== undefined) {
      this.#finishPart(item, item.part, { text: textOf(done, item.part.spec, item.part.index) });
    }
    for (const { spec, index, text } of partsOf(done)) {
      if (isClosed(item, spec, index)) continue;
      this.#finishPart(item, this.#openPart(item, spec, index), { text });
    }
    item.state = 'closed';
    this.#open = undefined;
    this.sink({
      type: 'response.output_item.done',
      output_index: item.index,
      item: { ...withParts(done, item), id: item.id, type: item.type },
    });
    item.closedParts = [];
    const next = this.#items.find((each) => each.state === 'waiting');
    if (next === undefined) return;
    this.#openItem(next);
    this.#replay(next);
  }

  #wait(item: Item, event: ResponsesEvent): void {
    item.waiting.push(event);
    this.#waitingLength += event instanceof DeltaEvent ? event.json.length : JSON.stringify(event).length;
    if (this.#waitingLength <= waitingLimit) return;
    throw new Failure(
      'upstream_broke',
      'The upstream left one item open while it sent too much of another.',
      {
        code: 'interleaved_too_far',
        retry: false,
      },
    );
  }

  #replay(item: Item): void {
    const waiting = item.waiting;
    item.waiting = [];
    for (const event of waiting) if (item.state === 'open') this.#within(item, event);
  }

  // --- inside the open item ---

  #within(item: Item, event: ResponsesEvent): void {
    if (event.type === 'response.output_item.added') return; // announced already
    if (event.type === 'response.output_item.done') {
      const { item: done } = event as OutputItemEvent;
      if (item.part !== undefined && item.waiting.length > 0) {
        this.#finishPart(item, item.part, { text: textOf(done, item.part.spec, item.part.index) });
        this.#replay(item);
        this.#within(item, event);
        return;
      }
      this.#closeItem(item, done);
      return;
    }
    const place = placeOf(event);
    if (place === undefined) {
      this.sink({ ...event, item_id: item.id, output_index: item.index } as ResponsesEvent);
      return;
    }
    const { spec, index } = place;
    if (isClosed(item, spec, index)) return; // a repetition
    if (item.part !== undefined && (item.part.spec !== spec || item.part.index !== index)) {
      this.#wait(item, event);
      return;
    }
    const part = item.part ?? this.#openPart(item, spec, index);
    const body = event as { [key: string]: unknown };
    if (event instanceof DeltaEvent) this.#send(part, placed(event, item));
    else if (event.type === spec.closed) this.#finishPart(item, part, { part: body.part });
    else if (event.type === spec.done) {
      // Calls have no closing event of their own: their text's `.done` is their end.
      if (spec.closed === undefined) this.#finishPart(item, part, { text: body[spec.textKey] });
      else this.#sendRest(item, part, body[spec.textKey]);
    }
    if (item.part === undefined && item.waiting.length > 0) this.#replay(item);
  }

  #openPart(item: Item, spec: PartSpec, index: number): Part {
    const kept = this.options.keepText ? new KeptText() : undefined;
    const part: Part = { spec, index, sentLength: 0, kept, textDone: false };
    item.part = part;
    if (spec.opened !== undefined) this.#sendOf(item, part, { type: spec.opened, part: partOf(spec, '') });
    return part;
  }

  /** Sends an event about a part of an item. */
  #sendOf(item: Item, part: Part, event: { type: string; [key: string]: unknown }): void {
    const { indexKey } = part.spec;
    const place = indexKey === undefined ? {} : { [indexKey]: part.index };
    this.sink({ ...event, item_id: item.id, output_index: item.index, ...place } as ResponsesEvent);
  }

  #send(part: Part, event: DeltaEvent): void {
    const { json } = event;
    part.sentLength += json.includes('\\') ? event.delta.length : json.length - 2;
    part.kept?.add(json);
    this.sink(event);
  }

  /** Sends what of `text` the deltas did not bring, then the text's `.done`. */
  #sendRest(item: Item, part: Part, given: unknown): void {
    if (part.textDone) return;
    let text = typeof given === 'string' ? given : part.kept?.text();
    if (part.spec.isArguments) {
      if (text !== undefined && text.length < part.sentLength) throw contradiction();
      // An empty string is no JSON: clients parse what they get (openai-api.md B.6.5).
      if ((text ?? '') === '' && part.sentLength === 0) text = '{}';
    }
    const rest = text === undefined ? '' : text.slice(part.sentLength);
    if (rest !== '') {
      const delta = new DeltaEvent(part.spec.delta, item.id, item.index, part.index, JSON.stringify(rest));
      this.#send(part, delta);
    }
    part.textDone = true;
    part.kept?.replace(text);
    this.#sendOf(item, part, {
      type: part.spec.done,
      [part.spec.textKey]: text ?? '',
      ...part.spec.doneExtras,
    });
  }

  /** `given`: what the upstream says the part is in the end, its text or the whole of it. */
  #finishPart(item: Item, part: Part, given: { text?: unknown; part?: unknown }): void {
    const { spec } = part;
    const whole = isObject(given.part) ? given.part : {};
    const givenText = given.text ?? whole[spec.textKey];
    this.#sendRest(item, part, givenText);
    const text = typeof givenText === 'string' ? givenText : part.kept?.text();
    item.part = undefined;
    item.closedParts.push({ spec, index: part.index, text: part.kept === undefined ? undefined : text });
    if (spec.closed === undefined) return;
    this.#sendOf(item, part, { type: spec.closed, part: { ...partOf(spec, text ?? ''), ...whole } });
  }

  // --- the end ---

  #end(event: TerminalEvent): void {
    const response = objectOr(event.response);
    this.#begin(response);
    const status = event.type === 'response.completed' ? 'completed' : 'incomplete';
    for (let open = this.#open; open !== undefined; open = this.#open) {
      this.#closeUnfinished(open, status);
    }
    if (Array.isArray(response?.output)) for (const item of response.output) this.#addMissing(item);
    const { id, created_at } = this.#created as ResponsesResponse;
    this.#response = { ...response, id, created_at, status };
    this.sink({ type: event.type, response: this.#response });
  }

  /** Closes an item that the upstream streamed but never finished. */
  #closeUnfinished(item: Item, status: 'completed' | 'incomplete'): void {
    if (item.part !== undefined) {
      if (item.part.kept?.overflown) {
        throw new Failure('upstream_broke', 'The upstream never closed a text that is too long to keep.', {
          code: 'stream_incomplete',
        });
      }
      if (status === 'completed' && item.part.spec.isArguments) throw contradiction();
      this.#finishPart(item, item.part, {});
      this.#replay(item);
    }
    if (item.state === 'open') this.#closeItem(item, { ...item.announced, status } as OutputItem);
  }

  /** An item that only the terminal response holds. */
  #addMissing(item: unknown): void {
    if (!isObject(item) || typeof item.type !== 'string') return;
    const known = typeof item.id === 'string' ? this.#byId.has(item.id) : this.#items.length > 0;
    if (known) return;
    const index = this.#items.length;
    this.#route({ type: 'response.output_item.done', output_index: -2 - index, item: item as OutputItem });
  }
}

function isClosed(item: Item, spec: PartSpec, index: number): boolean {
  return item.closedParts.some((part) => part.spec === spec && part.index === index);
}

/** The delta under the id and index its item has for the client. */
function placed(event: DeltaEvent, item: Item): DeltaEvent {
  if (event.item_id === item.id && event.output_index === item.index) return event;
  return new DeltaEvent(event.type, item.id, item.index, event.part_index, event.json);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOr(value: unknown): ResponsesResponse | undefined {
  return isObject(value) ? (value as ResponsesResponse) : undefined;
}

function contradiction(): Failure {
  return new Failure('upstream_broke', "The upstream sent a call whose arguments don't add up.", {
    code: 'stream_incomplete',
  });
}

/** Text put together again from the literals of its deltas, flattened now and then so that their chunks can be freed. */
class KeptText {
  #pieces: string[] = [];
  #inner = '';
  #text: string | undefined;
  overflown = false;

  add(json: string): void {
    if (this.overflown) return;
    this.#pieces.push(json.slice(1, -1));
    if (this.#pieces.length < 64) return;
    this.#flatten();
    if (this.#inner.length <= keptTextLimit) return;
    this.overflown = true;
    this.#inner = '';
  }

  replace(text: string | undefined): void {
    this.#text = text;
  }

  /** Undefined when it was too long to keep. */
  text(): string | undefined {
    if (this.#text !== undefined) return this.#text;
    if (this.overflown) return undefined;
    this.#flatten();
    return JSON.parse(`"${this.#inner}"`) as string;
  }

  #flatten(): void {
    this.#inner += this.#pieces.join('');
    this.#pieces = [];
  }
}

function placeOf(event: ResponsesEvent): { spec: PartSpec; index: number } | undefined {
  if (event instanceof DeltaEvent) return { spec: specOfDelta(event.type), index: event.part_index };
  const spec = specOfDone(event.type) ?? specOfPart(event);
  if (spec === undefined) return undefined;
  const index = spec.indexKey === undefined ? 0 : (event as Record<string, unknown>)[spec.indexKey];
  return { spec, index: typeof index === 'number' ? index : 0 };
}

function isOfItem(event: ResponsesEvent): boolean {
  if ('output_index' in event || 'item_id' in event) return true;
  return event.type.startsWith('response.output_item.') || placeOf(event) !== undefined;
}

/** The error of an `error` event (nested or flat) or of a failed response. */
function errorOf(holder: object): UpstreamError {
  const nested = (holder as { error?: unknown }).error;
  return typeof nested === 'object' && nested !== null ? nested : holder;
}

const idPrefixes: Record<string, string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  web_search_call: 'ws',
  image_generation_call: 'ig',
  compaction: 'cmp',
};

/** The item an event must belong to, when the upstream did not announce one. */
function itemTypeOf(eventType: string): string {
  if (eventType.startsWith('response.reasoning')) return 'reasoning';
  if (eventType.startsWith('response.function_call')) return 'function_call';
  if (eventType.startsWith('response.custom_tool_call')) return 'custom_tool_call';
  const hosted = /^response\.(\w+_call)\./.exec(eventType)?.[1];
  return hosted ?? 'message';
}

/** How an item is announced. An item of a type that streams nothing is announced by its bare name. */
function announcement(type: string, given: OutputItem | undefined): Record<string, unknown> {
  const blank = blankParts(type);
  if (Object.keys(blank).length === 0) return {};
  return type === 'message' ? { role: 'assistant', ...given, ...blank } : { ...given, ...blank };
}

/** What an item holds before its parts have come. */
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

/** The parts a finished item holds, in the order in which they are streamed. */
function partsOf(item: OutputItem): { spec: PartSpec; index: number; text: string }[] {
  return specsOfItem(item).map(({ spec, index }) => ({ spec, index, text: textOf(item, spec, index) ?? '' }));
}

/** `done`, with the text that was streamed where the upstream left it out. */
function withParts(done: OutputItem, item: Item): OutputItem {
  const out: Record<string, unknown> = {
    ...announcement(item.type, undefined),
    status: 'completed',
    ...done,
  };
  if (item.type === 'function_call' && !out.arguments) out.arguments = '{}';
  for (const { spec, index, text } of item.closedParts) {
    if (text === undefined) continue;
    if (spec.listKey === undefined) {
      out[spec.textKey] = text === '' && spec.isArguments ? '{}' : text;
      continue;
    }
    const list = Array.isArray(out[spec.listKey]) ? [...(out[spec.listKey] as unknown[])] : [];
    if (list[index] !== undefined) continue;
    list.push(partOf(spec, text));
    out[spec.listKey] = list;
  }
  return out as unknown as OutputItem;
}
