// A turn's events from the body of an HTTP response.
import { Failure } from '../failure.ts';
import { Decoder } from '../responses/decode.ts';
import type { EventSink } from '../responses/event-parser.ts';
import type { EventStream } from './event-stream.ts';
import { checkStreamStart } from './stream-start.ts';

/** The HTTP request behind the body. */
export interface Connection {
  abort(reason: Failure): void;
  /** Called when the response has ended by itself. */
  release(): void;
}

interface Reader {
  read(): Promise<{ done: false; value: Uint8Array } | { done: true }>;
}

/** For the end of the body after the terminal event. */
const drainMs = 1000;

export class SseStream implements EventStream {
  readonly #reader: Reader;
  readonly #decoder = new Decoder((event) => this.#sink(event));
  #sink: EventSink = () => {};
  /** Whether the body has been recognised as an event stream. */
  #isStream = false;

  constructor(
    private readonly headers: Headers,
    body: ReadableStream<Uint8Array>,
    private readonly connection: Connection,
    private readonly nowMs: () => number,
  ) {
    this.#reader = body.getReader() as Reader;
  }

  async read(sink: EventSink): Promise<boolean> {
    const result = await this.#reader.read();
    if (result.done) return false;
    if (!this.#isStream) this.#isStream = checkStreamStart(this.headers, result.value, this.nowMs());
    this.#sink = sink;
    this.#decoder.push(result.value);
    return true;
  }

  /** Reads the end of the body, so that the connection can be reused. */
  finish(): void {
    this.#decoder.close();
    const late = setTimeout(
      () => this.connection.abort(new Failure('cancelled', 'The upstream left the stream open.')),
      drainMs,
    );
    const drain = async () => {
      while (!(await this.#reader.read()).done);
    };
    void drain()
      .catch(() => {})
      .finally(() => {
        clearTimeout(late);
        this.connection.release();
      });
  }

  abort(reason: Failure): void {
    this.connection.abort(reason);
  }
}
