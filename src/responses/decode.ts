// Decodes the upstream's bytes to events. The names of its server-sent events are redundant: the JSON repeats them in
// `type`. There is no `[DONE]`; an event without its blank line was cut off and is not delivered.
import { createParser } from 'eventsource-parser';
import { Failure } from '../failure.ts';
import { EventBlocks } from '../stream/event-blocks.ts';
import { EventParser, type EventSink } from './event-parser.ts';

/** A base64 image may take several megabytes. */
const maxEventBytes = 64 * 1024 * 1024;

export class Decoder {
  readonly #blocks = new EventBlocks({ maxEventBytes, tooLarge: eventTooLarge });
  readonly #text = new TextDecoder('utf-8', { ignoreBOM: true }); // only the first one is a mark; the parser drops it
  readonly #events = new EventParser();
  readonly #parser = createParser({
    onEvent: ({ data }) => {
      if (!this.#closed) this.#events.read(data, this.#framed, this.sink);
    },
  });
  readonly #read = (block: Uint8Array) => this.#readBlock(this.#text.decode(block));
  /** The event being parsed, as received. */
  #framed = '';
  #closed = false;

  constructor(private readonly sink: EventSink) {}

  /** Ignores all further input. After the terminal event anything is allowed. */
  close(): void {
    this.#closed = true;
  }

  push(bytes: Uint8Array): void {
    if (!this.#closed) this.#blocks.push(bytes, this.#read);
  }

  #readBlock(text: string): void {
    let at = 0;
    while (at < text.length && !this.#closed) {
      at = this.#events.readDeltas(text, at, this.sink);
      if (at < text.length) at = this.#parse(text, at);
    }
  }

  /** Parses the event at `from`; returns where it ends. */
  #parse(text: string, from: number): number {
    blankLine.lastIndex = from;
    const end = blankLine.test(text) ? blankLine.lastIndex : text.length;
    this.#framed = text.slice(from, end);
    this.#parser.feed(this.#framed);
    return end;
  }
}

/** A line end and the end of the blank line after it. */
const blankLine = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/g;

function eventTooLarge(): Failure {
  return new Failure(
    'upstream_broke',
    `The upstream sent an event that exceeds the size limit (${maxEventBytes} bytes).`,
    { code: 'event_too_large', retry: false },
  );
}
