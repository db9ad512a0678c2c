// Makes the order of the upstream's events dependable, so that encoders are plain switches. After it: one
// `response.created` first; one output item open at a time (item.ts keeps order inside it); what was opened is closed;
// exactly one terminal event, and nothing after it. A stream that failed or broke off throws a Failure.
import { Failure } from '../failure.ts';
import { streamFailure, type UpstreamError } from './error.ts';
import { DeltaEvent, type OutputItemEvent, type ResponsesEvent, type TerminalEvent } from './event.ts';
import { isObject } from './fields.ts';
import { concernsItem, contradiction, Item, type ItemContext } from './item.ts';
import { outcomeOf } from './outcome.ts';
import type { OutputItem, ResponsesResponse } from './response.ts';

export interface GrammarOptions {
  /** Makes ids for responses and items without one. `prefix` is `resp`, `msg`, `rs`, `fc` … */
  newId: (prefix: string) => string;
  nowMs: () => number;
  /**
   * Whether to keep texts in memory, so that an item that the upstream never finishes can be closed with its text. Encoders
   * that never repeat a text do not need it.
   */
  accumulateText: boolean;
  /** Characters of events that may wait for an earlier item or part to close. Default: 16 M. */
  waitingLimit?: number;
  /** Characters of one kept text. Default: 8 M. */
  textLimit?: number;
}

const defaultWaitingLimit = 16 * 1024 * 1024;

export class Grammar {
  readonly #items: Item[] = [];
  readonly #byId = new Map<string, Item>();
  readonly #context: ItemContext;
  #open: Item | undefined;
  #opened = 0;
  #waitingLength = 0;
  #created: ResponsesResponse | undefined;
  #response: ResponsesResponse | undefined;

  constructor(
    private readonly sink: (event: ResponsesEvent) => void,
    private readonly options: GrammarOptions,
  ) {
    this.#context = {
      sink,
      accumulateText: options.accumulateText,
      textLimit: options.textLimit,
      hold: (event) => this.#hold(event),
    };
  }

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
    if (event instanceof DeltaEvent) {
      this.#delta(event);
      return;
    }
    switch (event.type) {
      case 'response.created':
        this.#begin(responseOf(event));
        return;
      case 'error':
        throw streamFailure(errorOf(event), this.options.nowMs());
      case 'response.failed':
        throw streamFailure(errorOf(responseOf(event) ?? {}), this.options.nowMs());
      case 'response.completed':
      case 'response.incomplete':
        this.#end(event.type as TerminalEvent['type'], responseOf(event));
        return;
      default:
        if (concernsItem(event)) this.#route(event);
        else this.#pass(event);
    }
  }

  /** Called when the upstream closes the connection. Throws if the response is incomplete. */
  end(): void {
    if (this.#response !== undefined) return;
    throw new Failure('upstream_broke', 'The upstream closed the stream before the response was complete.', {
      code: 'stream_incomplete',
    });
  }

  /** The fast path of nine events in ten: the next delta of the open part. */
  #delta(event: DeltaEvent): void {
    const item = this.#open;
    const part = item?.part;
    if (
      item !== undefined &&
      part !== undefined &&
      item.id === event.item_id &&
      item.index === event.output_index &&
      part.index === event.part_index &&
      part.upstreamIndex === event.part_index &&
      part.spec.delta === event.type
    ) {
      item.send(part, event);
    } else this.#route(event);
  }

  #begin(response: ResponsesResponse | undefined): void {
    if (this.#created !== undefined) return;
    const { id, created_at } = response ?? {};
    this.#created = {
      ...response,
      object: 'response',
      id: typeof id === 'string' && id !== '' ? id : this.options.newId('resp'),
      created_at: Math.floor(typeof created_at === 'number' ? created_at : this.options.nowMs() / 1000),
      status: 'in_progress',
    };
    this.sink({ type: 'response.created', response: this.#created });
  }

  /** Passes on an event that does not belong to an item. Private ones may come before `response.created`. */
  #pass(event: ResponsesEvent): void {
    if (event.type !== 'response.in_progress' && event.type !== 'response.queued') {
      if (event.type.startsWith('response.')) this.#begin(undefined);
      this.sink(event);
      return;
    }
    const response = responseOf(event);
    this.#begin(response);
    this.sink({ ...event, response: this.#named(response, 'in_progress') } as ResponsesEvent);
  }

  /** A response under the id and time it had in `response.created`. */
  #named(response: ResponsesResponse | undefined, status: string): ResponsesResponse {
    const { id, created_at } = this.#created as ResponsesResponse;
    return { ...response, id, object: 'response', created_at, status };
  }

  // --- items ---

  #route(event: ResponsesEvent): void {
    if (event.type.startsWith('response.output_item.') && !isObject((event as OutputItemEvent).item)) {
      throw new Failure('upstream_broke', 'The upstream sent an invalid output item.', {
        code: 'invalid_event',
      });
    }
    this.#begin(undefined);
    const item = this.#itemOf(event);
    if (item.state === 'waiting' && this.#open === undefined && item.isNamed) this.#openItem(item);
    if (item.state === 'open') item.push(event);
    else if (item.state === 'waiting') item.wait(event);
    this.#openNext();
  }

  #openItem(item: Item): void {
    this.#open = item;
    item.open(this.#opened++);
  }

  /** Opens the next waiting item once the open one has closed. */
  #openNext(): void {
    while (this.#open?.state !== 'open') {
      this.#open = undefined;
      const next = this.#items.find((item) => item.state === 'waiting' && item.isNamed);
      if (next === undefined) return;
      this.#openItem(next);
    }
  }

  #itemOf(event: ResponsesEvent): Item {
    const { item, item_id, output_index } = event as {
      item?: { id?: unknown };
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
    const given = (event as Partial<OutputItemEvent>).item;
    const type = typeof given?.type === 'string' ? given.type : itemTypeOf(event.type);
    const id = upstreamId === '' ? this.options.newId(idPrefixes[type] ?? 'item') : upstreamId;
    const index = typeof upstreamIndex === 'number' ? upstreamIndex : -1;
    const item = new Item(id, type, index, given, this.#context);
    this.#items.push(item);
    this.#byId.set(id, item);
    return item;
  }

  #hold(event: ResponsesEvent): void {
    this.#waitingLength += event instanceof DeltaEvent ? event.json.length : JSON.stringify(event).length;
    if (this.#waitingLength <= (this.options.waitingLimit ?? defaultWaitingLimit)) return;
    const message = 'The upstream interleaved too much of one output item with another.';
    throw new Failure('upstream_broke', message, { code: 'interleaved_too_far', retry: false });
  }

  // --- the end ---

  #end(type: TerminalEvent['type'], response: ResponsesResponse | undefined): void {
    const announced = outcomeOf(type, response);
    if (announced === 'failed') throw streamFailure(errorOf(response ?? {}), this.options.nowMs());
    this.#begin(response);
    while (this.#open !== undefined) {
      this.#open.closeUnfinished(announced);
      this.#openNext();
    }
    if (this.#items.some(({ state }) => state === 'waiting')) throw contradiction();
    if (Array.isArray(response?.output)) for (const item of response.output) this.#addMissing(item);
    const isCut = announced === 'incomplete' || this.#items.some(({ isCut }) => isCut);
    this.#response = isCut ? this.#cut(response) : this.#named(response, 'completed');
    this.sink({ type: isCut ? 'response.incomplete' : 'response.completed', response: this.#response });
  }

  /** Clients read the reason of an incomplete response. If the upstream gives none, the likeliest is assumed. */
  #cut(response: ResponsesResponse | undefined): ResponsesResponse {
    const named = this.#named(response, 'incomplete');
    const details = named.incomplete_details;
    return details?.reason ? named : { ...named, incomplete_details: { reason: 'max_output_tokens' } };
  }

  /** Adds an item that only the terminal response contains. */
  #addMissing(item: unknown): void {
    if (!isObject(item) || typeof item.type !== 'string') return;
    const known = typeof item.id === 'string' ? this.#byId.has(item.id) : this.#items.length > 0;
    if (known) return;
    this.#route({
      type: 'response.output_item.done',
      output_index: Number.NaN,
      item: item as unknown as OutputItem,
    });
  }
}

function responseOf(event: ResponsesEvent): ResponsesResponse | undefined {
  const { response } = event as { response?: unknown };
  return isObject(response) ? (response as ResponsesResponse) : undefined;
}

/** The error of an `error` event (nested or flat) or of a failed response. */
function errorOf(holder: object): UpstreamError {
  const { error } = holder as { error?: unknown };
  return isObject(error) ? error : holder;
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

/** The type of item that an event must belong to if the upstream did not announce one. */
function itemTypeOf(eventType: string): string {
  if (eventType.startsWith('response.reasoning')) return 'reasoning';
  if (eventType.startsWith('response.function_call')) return 'function_call';
  if (eventType.startsWith('response.custom_tool_call')) return 'custom_tool_call';
  const hosted = /^response\.(\w+_call)\./.exec(eventType)?.[1];
  return hosted ?? 'message';
}
