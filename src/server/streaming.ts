// A turn or a transcription as the body of a client's stream: encoded events, signs of life, back-pressure, and one end in
// every case.

import { Failure } from '../failure.ts';
import type { Encoder } from '../responses/translator.ts';
import type { Ticker } from '../stream/ticker.ts';
import { type BodySink, directStream } from './direct-stream.ts';
import type { Exchange } from './exchange.ts';

/** Where the events come from. */
export interface Source<Event> {
  /** It has something to say. */
  readonly settled: boolean;
  /** Hands on the events until there are no more; `afterRead` comes after those of each read. Rejects with a failure. */
  run(sink: (event: Event) => void, afterRead: () => Promise<void> | undefined): Promise<void>;
  /** The rest is not wanted. */
  cancel(): void;
}

export interface Streamed<Event> {
  exchange: Exchange;
  source: Source<Event>;
  encoder: Encoder<Event>;
  ticker: Ticker;
  /** Silence after which the client gets a heartbeat; 0 for never. */
  keepaliveMs: number;
  /** Whatever ended the source, noted on the exchange. */
  failed: (thrown: unknown) => Failure;
  /** The answer has ended. May be called twice: when the client leaves, and when its writer notices. */
  ended: () => void;
}

/** 560 ns per event fall to 380 when a read of 512 KB is decoded and written in pieces of this size. */
const pieceLength = 64 * 1024;
/** A client that takes nothing for so long gives its place to another; a half-open connection looks the same. */
const stalledMs = 5 * 60_000;

export function streamOf<Event>(streamed: Streamed<Event>): ReadableStream {
  const { exchange, source, failed } = streamed;
  let stopTicking = () => {};
  const finish = () => {
    stopTicking();
    source.cancel();
    streamed.ended();
  };
  return directStream({
    pull: async (sink) => {
      const writer = new Writer(sink, streamed, finish);
      stopTicking = streamed.ticker.add(() => writer.tick());
      try {
        writer.open();
        await source.run(
          (event) => writer.push(event),
          () => writer.flush(),
        );
      } catch (thrown) {
        const failure = failed(thrown);
        if (!exchange.clientLeft) writer.fail(failure);
      } finally {
        exchange.closing();
        sink.close();
        finish();
      }
    },
    // Comes before or after the abort of the request's signal; the exchange ends here.
    cancel: () => {
      exchange.leave();
      failed(exchange.signal.reason);
      finish();
    },
  });
}

class Writer<Event> {
  /** What the client has not been sent of the current read. */
  #out = '';
  /** What the last write of it returned: a number, or a promise while the socket is full. */
  #written: number | Promise<number> = 0;
  #quietTicks = 0;
  /** The client does not read: nothing more is taken from the upstream. */
  #blocked = false;
  #blockedTicks = 0;

  constructor(
    private readonly sink: BodySink,
    private readonly streamed: Streamed<Event>,
    private readonly finish: () => void,
  ) {}

  /** Bun sends the head with the first byte of the body (docs/bun.md#serve), so a source yet to say something needs one. */
  open(): void {
    if (!this.streamed.source.settled) this.#beat();
  }

  push(event: Event): void {
    this.#out += this.streamed.encoder.push(event);
    if (this.#out.length >= pieceLength) this.#write();
  }

  /** After each read. Awaiting `write` when it returns a promise is the whole flow control (docs/bun.md#serve). */
  flush(): Promise<void> | undefined {
    const { encoder, source } = this.streamed;
    if (encoder.finished) source.cancel(); // a stop string: the rest is not wanted
    if (this.#out !== '') this.#write();
    const written = this.#written;
    if (typeof written === 'number') return undefined;
    this.#blocked = true;
    this.#blockedTicks = 0;
    return written.then((bytes) => {
      this.#blocked = false;
      this.#written = bytes;
    });
  }

  /** What came before the failure in the same read is the client's too. */
  fail(failure: Failure): void {
    this.#out += this.streamed.encoder.fail(failure);
    this.#write();
  }

  tick(): void {
    const { exchange, ticker, keepaliveMs, failed } = this.streamed;
    if (this.#blocked) {
      this.#blockedTicks += 1;
      if (this.#blockedTicks * ticker.tickMs < stalledMs) return;
      exchange.abort(new Failure('cancelled', `The client read nothing for ${stalledMs / 1000} s.`));
      this.fail(failed(exchange.signal.reason));
      exchange.closing();
      this.sink.close();
      this.finish();
      return;
    }
    this.#quietTicks += 1;
    if (this.#quietTicks * ticker.tickMs >= keepaliveMs) this.#beat();
  }

  #beat(): void {
    const { encoder, keepaliveMs } = this.streamed;
    this.#quietTicks = 0;
    if (keepaliveMs > 0) this.sink.write(encoder.heartbeat());
  }

  #write(): void {
    const { exchange } = this.streamed;
    exchange.noteFirstByte();
    this.#quietTicks = 0;
    const out = this.#out;
    this.#out = '';
    this.#written = this.sink.write(out);
  }
}
