// One turn under way: the upstream's bytes as events, in dependable order, with limits on silence.
import { asFailure, Failure } from '../failure.ts';
import { Decoder, type EventSink } from '../responses/decode.ts';
import { DeltaEvent, type ResponsesEvent } from '../responses/event.ts';
import { Grammar, type GrammarOptions } from '../responses/grammar.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import type { Ticker } from '../stream/ticker.ts';
import { otherBody } from './other-body.ts';

export interface TurnLimits {
  /** Without a single byte. */
  idleMs: number;
  /** With keepalives only: a parked turn would otherwise hang for ever (upstream-codex.md 6.4). */
  noContentMs: number;
  /** From the head of the answer to its end. */
  totalMs: number;
}

export interface TurnOptions extends GrammarOptions {
  ticker: Ticker;
  limits: TurnLimits;
  /** Sees every event before the grammar, for quota frames and the like. */
  observe: (event: ResponsesEvent) => void;
  /** Sees every event after the grammar but the deltas. */
  follow?: ((event: ResponsesEvent) => void) | undefined;
}

/** Events that say nothing yet of whether there will be an answer: the turn may still be refused. */
const handshake = new Set([
  'response.created',
  'response.in_progress',
  'response.queued',
  'response.metadata',
  'keepalive',
]);

const pieceBytes = 64 * 1024;

/** The request under the turn. */
export interface Connection {
  /** Closes it, so that nothing more is spent. */
  abort(reason: Failure): void;
  /** It has ended by itself. */
  release(): void;
}

interface Reader {
  read(): Promise<{ done: false; value: Uint8Array } | { done: true }>;
}

export class Turn {
  /** When the upstream took the request, and when the first of the answer came. */
  /** What was left out of the request because the upstream refused it. */
  readonly leftOut: Dropped[] = [];
  readonly times: { acceptedAtMs: number; firstAtMs: number | undefined };
  readonly #nowMs: () => number;
  readonly #reader: Reader;
  readonly #decoder: Decoder;
  readonly #grammar: Grammar;
  readonly #stopWatching: () => void;
  /** Where events go: to `#early` while the turn is unsettled, then to whoever reads. */
  #sink: EventSink;
  #early: ResponsesEvent[] = [];
  #settled = false;
  /** The body has begun as an event stream does. */
  #isStream = false;
  /** The read under way; none while whoever reads has to catch up. */
  #pending: ReturnType<Reader['read']> | undefined;
  #overdue: Failure | undefined;
  /** Came in the same read as content, before anybody read that. */
  #broken: Failure | undefined;
  #cancelled = false;
  #quietTicks = 0;
  #emptyTicks = 0;
  #ticks = 0;

  constructor(
    /** The answer's headers, for request ids and what Codex clients want to see. */
    readonly headers: Headers,
    body: ReadableStream<Uint8Array>,
    private readonly connection: Connection,
    options: TurnOptions,
  ) {
    this.#nowMs = options.nowMs;
    this.times = { acceptedAtMs: options.nowMs(), firstAtMs: undefined };
    this.#reader = body.getReader() as Reader;
    this.#sink = (event) => this.#early.push(event);
    this.#grammar = new Grammar((event) => {
      if (this.times.firstAtMs === undefined && !isHandshake(event)) {
        this.times.firstAtMs = options.nowMs();
        this.#settled = true;
      }
      if (options.follow !== undefined && !(event instanceof DeltaEvent)) options.follow(event);
      this.#sink(event);
    }, options);
    this.#decoder = new Decoder((event) => {
      if (event instanceof DeltaEvent || event.type !== 'keepalive') this.#emptyTicks = 0;
      this.#grammar.push(event);
      if (event instanceof DeltaEvent) return;
      if (event.type.startsWith('codex.')) options.observe(event);
      if (this.#grammar.finished) this.#decoder.close();
    });
    this.#stopWatching = options.ticker.add(() => this.#tick(options));
  }

  /** The upstream has shown that it will answer. */
  get settled(): boolean {
    return this.#settled;
  }

  /**
   * Reads on until the turn is settled, `patienceMs` at the longest. A refusal inside the stream is thrown while it can
   * still become a status.
   */
  async settle(patienceMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<'enough'>((resolve) => {
      timer = setTimeout(() => resolve('enough'), patienceMs);
    });
    try {
      while (!this.#settled && !this.#grammar.finished) {
        const first = await Promise.race([this.#read(), enough]);
        if (first === 'enough') return;
        this.#take(first);
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
   * Hands the events to `sink` until the answer is finished or not wanted any more. `afterRead` is called after each
   * network read; while the promise it may return is pending, nothing more is read. Throws a Failure.
   */
  async run(sink: EventSink, afterRead: () => Promise<void> | undefined = () => undefined): Promise<void> {
    this.#sink = sink;
    this.#settled = true;
    try {
      for (const event of this.#early) sink(event);
      this.#early = [];
      // One await per read where nobody has to wait: under hundreds of streams each one counts.
      for (;;) {
        const wait = afterRead();
        if (wait !== undefined) await wait;
        if (this.#grammar.finished || this.#cancelled) return;
        if (this.#broken !== undefined) throw this.#broken;
        this.#take(await this.#read());
      }
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  /** The finished response with its usage; `output` as the upstream sent it. Undefined before the end. */
  get response(): ResponsesResponse | undefined {
    return this.#grammar.response;
  }

  /** The rest is not wanted: closes the connection, so that nothing more is spent. */
  cancel(): void {
    if (this.#grammar.finished) return;
    this.#cancelled = true;
    this.#close(new Failure('cancelled', 'The answer is not wanted any more.'));
  }

  /** After the terminal event only the end of the body is to come: reading it lets the connection be used again. */
  #finish(): void {
    this.#stopWatching();
    const late = setTimeout(
      () => this.connection.abort(new Failure('cancelled', 'The upstream left the stream open.')),
      1000,
    );
    const drained = async () => {
      while (!(await this.#reader.read()).done);
    };
    void drained()
      .catch(() => {})
      .finally(() => {
        clearTimeout(late);
        this.connection.release();
      });
  }

  #read(): ReturnType<Reader['read']> {
    this.#pending ??= this.#reader.read();
    return this.#pending;
  }

  #take(result: Awaited<ReturnType<Reader['read']>>): void {
    this.#pending = undefined;
    this.#quietTicks = 0;
    if (result.done) this.#grammar.end();
    else this.#decode(result.value);
    if (this.#grammar.finished) this.#finish();
  }

  #failed(thrown: unknown): Failure {
    const failure = this.#overdue ?? asTurnFailure(thrown);
    this.#close(failure);
    return failure;
  }

  /** Pieces that fit the cache are decoded a third faster than a whole read of 512 KB. */
  #decode(bytes: Uint8Array): void {
    if (!this.#isStream) this.#refuseOther(bytes);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.#decoder.push(bytes.length <= pieceBytes ? bytes : bytes.subarray(at, at + pieceBytes));
    }
  }

  #refuseOther(bytes: Uint8Array): void {
    const other = otherBody(this.headers, bytes, this.#nowMs());
    if (other instanceof Failure) throw other;
    this.#isStream = other === undefined;
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
    this.connection.abort(reason);
  }
}

function isHandshake(event: ResponsesEvent): boolean {
  return handshake.has(event.type) || !event.type.startsWith('response.');
}

/** Bun throws a TypeError with a code for every cut connection; a cut body never looks complete (bun-notes.md 4). */
function asTurnFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Error && thrown.name !== 'AbortError' && 'code' in thrown) {
    return new Failure(
      'upstream_broke',
      'The connection to the upstream broke before the answer was finished.',
      {
        code: 'stream_incomplete',
        cause: thrown,
      },
    );
  }
  return asFailure(thrown);
}
