// A client's request while codexd responds to it. When the response has ended, it becomes a record for observers.
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import type { FailureContext, FailureResponse } from '../responses/translator.ts';
import { anonymous, type Caller, type CallFacts, type CallRecord, type CallTimes } from '../turns/record.ts';

export interface ExchangeHooks {
  /** The last byte of the response is about to be written. */
  closing(): void;
  /** Resolves to a function that releases the memory. */
  reserve(bytes: number, signal: AbortSignal): Promise<() => void>;
  /** The response has ended, successfully or not. */
  ended(exchange: Exchange): void;
  /** The client's IP address; undefined on a unix socket. */
  address?(): string | undefined;
}

/** The exchange's view of its route, for its record and failures. */
export interface RouteFacts {
  /** Names of the API and its endpoint, for call records. */
  api?: string;
  endpoint?: string;
  /** Renders its failures; otherwise the default envelope is used. */
  failure?: (failure: Failure, context: FailureContext) => FailureResponse;
  methods: Readonly<Record<string, unknown>>;
  /** Does not require an API key. */
  open?: boolean;
}

/** What the server knows after reading the request's head. */
export interface RequestHead {
  /** As routed: one slash between segments, none at the end. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly route: RouteFacts | undefined;
}

const unread: RequestHead = { path: '', query: new URLSearchParams(), route: undefined };

export class Exchange {
  /** Aborts when the client disconnects or the daemon gives up; its reason is a Failure. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #receivedAtMs: number;
  readonly #releases: (() => void)[] = [];
  #firstByteAtMs: number | undefined;
  #hasEnded = false;
  #isStreaming = false;
  #head = unread;
  #caller = anonymous;
  #facts: CallFacts = {};
  #status = 0;

  constructor(
    readonly id: string,
    readonly request: Request,
    private readonly nowMs: () => number,
    private readonly hooks: ExchangeHooks,
  ) {
    this.#receivedAtMs = nowMs();
    this.signal = this.#controller.signal;
    onAbort(request.signal, () => this.disconnect());
  }

  get headers(): Headers {
    return this.request.headers;
  }

  /** Of the client, or of the proxy in front of the daemon. */
  get address(): string {
    return this.hooks.address?.() ?? 'unknown';
  }

  get path(): string {
    return this.#head.path;
  }

  get query(): URLSearchParams {
    return this.#head.query;
  }

  /** Undefined for an unknown path. */
  get route(): RouteFacts | undefined {
    return this.#head.route;
  }

  get caller(): Caller {
    return this.#caller;
  }

  /** What handlers have noted so far. */
  get facts(): CallFacts {
    return this.#facts;
  }

  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  get isDisconnected(): boolean {
    return this.request.signal.aborted;
  }

  accept(head: RequestHead): void {
    this.#head = head;
  }

  authenticate(caller: Caller): void {
    this.#caller = caller;
  }

  /** Adds facts to the record. */
  note(facts: CallFacts): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  /** Adds times to the record. */
  noteTimes(times: CallTimes): void {
    this.note({ times: { ...this.#facts.times, ...times } });
  }

  /** Since the request was received. */
  get elapsedMs(): number {
    return this.nowMs() - this.#receivedAtMs;
  }

  noteFirstByte(): void {
    this.#firstByteAtMs ??= this.nowMs();
  }

  respond(status: number): void {
    this.#status = status;
  }

  /** The response continues after the handler has returned. Its writer calls `end`. */
  stream(): void {
    this.#isStreaming = true;
  }

  disconnect(): void {
    this.abort(new Failure('cancelled', 'The client disconnected.'));
  }

  abort(reason: Failure): void {
    this.#controller.abort(reason);
  }

  /** Reserves memory for the body until the exchange ends. */
  async reserve(bytes: number): Promise<void> {
    const release = await this.hooks.reserve(bytes, this.signal);
    if (this.#hasEnded) release();
    else this.#releases.push(release);
  }

  /** The writer of a streamed response calls this before it closes the stream. */
  closing(): void {
    this.hooks.closing();
  }

  /** The response has ended, successfully or not. */
  end(): void {
    this.#hasEnded = true;
    for (const release of this.#releases.splice(0)) release();
    this.hooks.ended(this);
  }

  /** The record for observers. Complete once the call has ended. */
  record(): CallRecord {
    const { headers, method } = this.request;
    const firstByteAtMs = this.#firstByteAtMs;
    return Object.freeze({
      ...this.#facts,
      requestId: this.id,
      clientRequestId: headers.get('x-request-id') ?? headers.get('x-client-request-id') ?? undefined,
      method,
      path: this.path,
      api: this.route?.api,
      endpoint: this.route?.endpoint,
      status: this.#status,
      caller: this.#caller,
      agent: headers.get('user-agent') ?? undefined,
      receivedAtMs: this.#receivedAtMs,
      firstByteMs: firstByteAtMs === undefined ? undefined : firstByteAtMs - this.#receivedAtMs,
      totalMs: this.elapsedMs,
    });
  }
}
