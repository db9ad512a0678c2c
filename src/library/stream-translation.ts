// The upstream's event stream, read in chunks of any size: translated to a client's stream, or collected to one response.
import { Failure } from '../failure.ts';
import { Collector } from '../responses/collect.ts';
import { Decoder } from '../responses/decode.ts';
import type { EventSink } from '../responses/event-parser.ts';
import { Grammar } from '../responses/grammar.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import type { Encoder, Translation, Translator } from '../responses/translator.ts';

/** Decodes the upstream's bytes; `sink` gets the events in dependable order (`ResponsesEvent` describes it). */
class EventReader {
  readonly #grammar: Grammar;
  readonly #decoder: Decoder;
  readonly #encoder = new TextEncoder();

  constructor(sink: EventSink, accumulateText: boolean) {
    this.#grammar = new Grammar(sink, { newId, nowMs: Date.now, accumulateText });
    this.#decoder = new Decoder((event) => {
      this.#grammar.push(event);
      if (this.#grammar.finished) this.#decoder.close();
    });
  }

  push(chunk: Uint8Array | string): void {
    this.#decoder.push(typeof chunk === 'string' ? this.#encoder.encode(chunk) : chunk);
  }

  /** Throws `stream_incomplete` if the terminal event is missing. */
  end(): void {
    this.#grammar.end();
  }
}

function newId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
}

/** A stream being translated from the upstream's format to a client's. */
export class StreamTranslation {
  readonly #encoder: Encoder;
  readonly #reader: EventReader;
  #frames = '';

  /** @internal */
  constructor(translator: Translator, translation: Translation) {
    this.#encoder = translator.stream(translation);
    this.#reader = new EventReader((event) => {
      if (!this.#encoder.finished) this.#frames += this.#encoder.push(event);
    }, translator.repeatsText);
  }

  /** Whether the client's stream is complete; further chunks are ignored. */
  get finished(): boolean {
    return this.#encoder.finished;
  }

  /**
   * Accepts the next chunk of the upstream's body and returns the frames it completes, possibly none. Throws a Failure
   * if the upstream reports one; `fail` renders it for a client whose stream has started.
   */
  push(chunk: Uint8Array | string): string {
    this.#reader.push(chunk);
    return this.#take();
  }

  /**
   * Call this at the end of the upstream's body. Throws a Failure with code `stream_incomplete` if the response is
   * incomplete.
   */
  end(): string {
    this.#reader.end();
    return this.#take();
  }

  /** Frames that report a failure after the stream has started, in the API's own format. */
  fail(failure: Failure): string {
    return this.#encoder.fail(failure);
  }

  #take(): string {
    const frames = this.#frames;
    this.#frames = '';
    return frames;
  }
}

/**
 * Reads the upstream's event stream to its end. The response has its complete `output`. Throws a Failure if the stream
 * reports one or is cut off.
 */
export async function collect(
  body: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): Promise<ResponsesResponse> {
  const collector = new Collector();
  const reader = new EventReader((event) => collector.push(event), true);
  for await (const chunk of body) reader.push(chunk);
  reader.end();
  if (collector.response === undefined) throw new Failure('bug', 'The stream ended without a response.');
  return collector.response;
}
