// Reads server-sent events (WHATWG HTML, "Parsing an event stream") from text pieces cut anywhere. Only `data` matters to
// codexd: the event's name is repeated inside it. Lines are found once each, however small the pieces.
import { Failure } from '../failure.ts';

/** Receives the data of one event as a span of `text`: the common case then needs no copy. */
export type SseSink = (text: string, start: number, end: number) => void;

const space = 0x20;

export class SseReader {
  /** Pieces of a line that has not ended yet; joined once, when it does. */
  #carry: string[] = [];
  #carryLength = 0;
  /** The data lines of the event that has not ended yet. The span of a single line, or the joined text of several. */
  #text: string | undefined;
  #start = 0;
  #end = 0;
  /** The last piece ended in CR: an LF that comes next belongs to it. */
  #afterReturn = false;

  /** `maxEventLength`: characters of one event; more is an `upstream_broke` failure. */
  constructor(
    private readonly sink: SseSink,
    private readonly maxEventLength: number,
  ) {}

  push(piece: string): void {
    const text = this.normalised(piece);
    for (let at = 0; at < text.length; ) at = this.readEvent(text, at);
  }

  /** No event has begun: what comes next is the beginning of one, or of a comment. */
  get isIdle(): boolean {
    return this.#carryLength === 0 && this.#text === undefined && !this.#afterReturn;
  }

  /** The piece with LF as its only line end, as `readEvent` wants it. */
  normalised(piece: string): string {
    return this.#afterReturn || piece.includes('\r') ? this.#withNewlines(piece) : piece;
  }

  /** Reads on from `start` to behind the next event, or to the end of the piece; returns where that is. */
  readEvent(text: string, from: number): number {
    let start = from;
    let end = text.indexOf('\n', start);
    if (end !== -1 && this.#carryLength > 0) {
      this.#carry.push(text.slice(start, end));
      const line = this.#carry.join('');
      this.#carry = [];
      this.#carryLength = 0;
      const dispatched = this.#line(line, 0, line.length);
      start = end + 1;
      if (dispatched) return start;
      end = text.indexOf('\n', start);
    }
    for (; end !== -1; end = text.indexOf('\n', start)) {
      const dispatched = this.#line(text, start, end);
      start = end + 1;
      if (dispatched) return start;
    }
    if (start < text.length) {
      this.#carry.push(start === 0 ? text : text.slice(start));
      this.#carryLength += text.length - start;
      this.#checkLength(this.#carryLength);
    }
    return text.length;
  }

  /** True when the line was the end of an event. */
  #line(text: string, start: number, end: number): boolean {
    if (start === end) {
      if (this.#text === undefined) return false;
      const event = this.#text;
      this.#text = undefined;
      this.sink(event, this.#start, this.#end);
      return true;
    }
    let value: number;
    if (text.startsWith('data:', start)) value = start + (text.charCodeAt(start + 5) === space ? 6 : 5);
    else if (end === start + 4 && text.startsWith('data', start)) value = end;
    else return false; // `event`, `id`, `retry`, comments
    if (this.#text === undefined) {
      this.#text = text;
      this.#start = value;
      this.#end = end;
    } else {
      this.#text = `${this.#text.slice(this.#start, this.#end)}\n${text.slice(value, end)}`;
      this.#start = 0;
      this.#end = this.#text.length;
      this.#checkLength(this.#end);
    }
    return false;
  }

  /** The piece with CRLF and lone CR turned into LF, also where CRLF is cut in two. */
  #withNewlines(piece: string): string {
    const whole = this.#afterReturn && piece.startsWith('\n') ? piece.slice(1) : piece;
    if (piece.length > 0) this.#afterReturn = piece.endsWith('\r');
    return whole.replace(/\r\n?/g, '\n');
  }

  #checkLength(length: number): void {
    if (length <= this.maxEventLength) return;
    throw new Failure(
      'upstream_broke',
      `The upstream sent an event of more than ${this.maxEventLength} characters.`,
      { code: 'event_too_large', retry: false },
    );
  }
}
