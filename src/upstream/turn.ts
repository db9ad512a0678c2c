// One running turn: its events in a dependable order, and the timeouts for a silent upstream.
import { asFailure, Failure } from '../failure.ts';
import { DeltaEvent, type ResponsesEvent } from '../responses/event.ts';
import type { EventSink } from '../responses/event-parser.ts';
import { Grammar, type GrammarOptions } from '../responses/grammar.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import type { Ticker } from '../stream/ticker.ts';
import type { EventStream } from './event-stream.ts';

export interface TurnLimits {
  /** Without a single byte. */
  idleMs: number;
  /** Without an event other than keepalives, which a stuck turn sends forever (docs/wire/upstream.md#idle). */
  noContentMs: number;
  /** From the response headers to the end of the turn. */
  totalMs: number;
}

export interface TurnOptions extends GrammarOptions {
  ticker: Ticker;
  limits: TurnLimits;
  /** Called with private events (`codex.*`) before the grammar, such as quota frames. */
  observe: (event: ResponsesEvent) => void;
  /** Called with every event after the grammar, except deltas. */
  follow?: ((event: ResponsesEvent) => void) | undefined;
}

/** Events after which the turn may still be refused. */
const handshake = new Set([
  'response.created',
  'response.in_progress',
  'response.queued',
  'response.metadata',
  'keepalive',
]);

export class Turn {
  /** Parts of the request that were omitted because the upstream refused them. */
  readonly leftOut: Dropped[] = [];
  /** When the response headers arrived, and when the first event of the answer. */
  readonly times: { acceptedAtMs: number; firstAtMs: number | undefined };
  readonly #receive: EventSink;
  readonly #grammar: Grammar;
  readonly #stopWatching: () => void;
  /** Where events go: to `#early` until `run` is called, then to its sink. */
  #sink: EventSink;
  #early: ResponsesEvent[] = [];
  #settled = false;
  /** The pending read; undefined while the consumer catches up. */
  #pending: Promise<boolean> | undefined;
  #overdue: Failure | undefined;
  /** A failure that came in the same read as content; thrown after that content has been passed on. */
  #broken: Failure | undefined;
  #cancelled = false;
  #quietTicks = 0;
  #emptyTicks = 0;
  #ticks = 0;

  constructor(
    /** The response headers, for request ids and for Codex clients. */
    readonly headers: Headers,
    private readonly events: EventStream,
    options: TurnOptions,
  ) {
    this.times = { acceptedAtMs: options.nowMs(), firstAtMs: undefined };
    this.#sink = (event) => this.#early.push(event);
    this.#grammar = new Grammar((event) => {
      if (this.times.firstAtMs === undefined && !isHandshake(event)) {
        this.times.firstAtMs = options.nowMs();
        this.#settled = true;
      }
      if (options.follow !== undefined && !(event instanceof DeltaEvent)) options.follow(event);
      this.#sink(event);
    }, options);
    this.#receive = (event) => {
      if (event instanceof DeltaEvent || event.type !== 'keepalive') this.#emptyTicks = 0;
      this.#grammar.push(event);
      if (event instanceof DeltaEvent) return;
      if (event.type.startsWith('codex.')) options.observe(event);
      if (this.#grammar.finished) this.#finish();
    };
    this.#stopWatching = options.ticker.add(() => this.#tick(options));
  }

  /** Whether the model has begun to answer. */
  get settled(): boolean {
    return this.#settled;
  }

  /**
   * Reads until the turn is settled, for at most `timeoutMs`. Throws a refusal inside the stream while it can still become
   * an HTTP status.
   */
  async settle(timeoutMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<'enough'>((resolve) => {
      timer = setTimeout(() => resolve('enough'), timeoutMs);
    });
    try {
      while (!this.#settled && !this.#grammar.finished) {
        const first = await Promise.race([this.#read(), enough]);
        if (first === 'enough') return;
        this.#afterRead(first);
      }
    } catch (thrown) {
      const failure = this.#failed(thrown);
      if (!this.#settled) throw failure;
      this.#broken = failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Passes the events to `sink` until the turn is finished or cancelled. `afterRead` is called after each network read;
   * nothing more is read until the promise it may return resolves. Throws a Failure.
   */
  async run(sink: EventSink, afterRead: () => Promise<void> | undefined = () => undefined): Promise<void> {
    this.#sink = sink;
    this.#settled = true;
    try {
      for (const event of this.#early) sink(event);
      this.#early = [];
      // One await per read unless there is backpressure: with hundreds of streams each await counts.
      for (;;) {
        const wait = afterRead();
        if (wait !== undefined) await wait;
        if (this.#grammar.finished || this.#cancelled) return;
        if (this.#broken !== undefined) throw this.#broken;
        this.#afterRead(await this.#read());
      }
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  /** The final response with its usage, its `output` as the upstream sent it. Undefined before the end. */
  get response(): ResponsesResponse | undefined {
    return this.#grammar.response;
  }

  /** Closes the connection, so that the upstream stops generating. */
  cancel(): void {
    if (this.#grammar.finished) return;
    this.#cancelled = true;
    this.#close(new Failure('cancelled', 'The response was cancelled.'));
  }

  #finish(): void {
    this.#stopWatching();
    this.events.finish();
  }

  #read(): Promise<boolean> {
    this.#pending ??= this.events.read(this.#receive);
    return this.#pending;
  }

  /** `goesOn`: what the read has resolved to. */
  #afterRead(goesOn: boolean): void {
    this.#pending = undefined;
    this.#quietTicks = 0;
    if (!goesOn) this.#grammar.end();
  }

  #failed(thrown: unknown): Failure {
    const failure = this.#overdue ?? asTurnFailure(thrown);
    this.#close(failure);
    return failure;
  }

  #tick({ ticker, limits }: TurnOptions): void {
    this.#ticks += 1;
    if (this.#pending !== undefined) {
      this.#quietTicks += 1;
      this.#emptyTicks += 1;
    }
    const overdue = [
      { ticks: this.#ticks, limitMs: limits.totalMs, what: 'did not finish within' },
      { ticks: this.#quietTicks, limitMs: limits.idleMs, what: 'sent nothing for' },
      { ticks: this.#emptyTicks, limitMs: limits.noContentMs, what: 'sent nothing but keep-alives for' },
    ].find(({ ticks, limitMs }) => ticks * ticker.tickMs > limitMs);
    if (overdue === undefined) return;
    const message = `The upstream ${overdue.what} ${Math.round(overdue.limitMs / 1000)} s.`;
    this.#overdue = new Failure('timeout', message, { code: 'upstream_timeout' });
    this.#close(this.#overdue);
  }

  #close(reason: Failure): void {
    this.#stopWatching();
    this.events.abort(reason);
  }
}

function isHandshake(event: ResponsesEvent): boolean {
  return handshake.has(event.type) || !event.type.startsWith('response.');
}

/** Bun throws a TypeError with a code for every connection that breaks (docs/bun.md#fetch). */
function asTurnFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Error && thrown.name !== 'AbortError' && 'code' in thrown) {
    return new Failure(
      'upstream_broke',
      'The connection to the upstream broke before the response was complete.',
      {
        code: 'stream_incomplete',
        cause: thrown,
      },
    );
  }
  return asFailure(thrown);
}
