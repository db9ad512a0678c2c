// Cuts a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) after blank lines.
// Every block begins with an event and contains whole ones, as many as possible.

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Blocks that fit the processor's cache are decoded a third faster than a whole read of 512 KB. */
const blockBytes = 64 * 1024;

export interface EventBlocksOptions {
  maxEventBytes: number;
  /** The error for an event that exceeds these limits. */
  tooLarge: () => Error;
}

export class EventBlocks {
  /** The beginning of an incomplete event. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;

  constructor(private readonly options: EventBlocksOptions) {}

  push(bytes: Uint8Array, sink: (block: Uint8Array) => void): void {
    let rest = bytes;
    if (this.#begun.length > 0) {
      rest = this.#withOpenLineEnds(bytes);
      const end = endOfFirstEvent(rest, 0);
      if (end === -1) {
        this.#keep(rest);
        return;
      }
      this.#begun.push(rest.subarray(0, end));
      const event = Buffer.concat(this.#begun);
      this.#begun = [];
      this.#begunBytes = 0;
      sink(event);
      rest = rest.subarray(end);
    }
    let at = 0;
    while (at < rest.length) {
      const end = endOfBlock(rest, at);
      if (end === -1) break;
      sink(at === 0 && end === rest.length ? rest : rest.subarray(at, end));
      at = end;
    }
    if (at < rest.length) this.#keep(rest.subarray(at));
  }

  #keep(piece: Uint8Array): void {
    this.#begun.push(piece);
    this.#begunBytes += piece.length;
    if (this.#begunBytes > this.options.maxEventBytes) throw this.options.tooLarge();
  }

  /** `bytes` together with the line ends before them: a blank line may be split anywhere. */
  #withOpenLineEnds(bytes: Uint8Array): Uint8Array {
    const last = this.#begun.pop() as Uint8Array;
    let at = last.length;
    while (at > 0 && last.length - at < 3 && isLineEnd(last[at - 1])) at--;
    if (at > 0) this.#begun.push(last.subarray(0, at));
    this.#begunBytes -= last.length - at;
    return at === last.length ? bytes : Buffer.concat([last.subarray(at), bytes]);
  }
}

/** The end of the last event that fits a block, or else of the first event; -1 if none ends. */
function endOfBlock(bytes: Uint8Array, from: number): number {
  const limit = Math.min(from + blockBytes, bytes.length);
  for (let at = limit; at > from; at--) if (isEndOfEvent(bytes, at)) return at;
  return endOfFirstEvent(bytes, limit);
}

function endOfFirstEvent(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at <= bytes.length; at++) if (isEndOfEvent(bytes, at)) return at;
  return -1;
}

/** Whether a blank line ends at `at`. A return at the very end may be half of a line end. */
function isEndOfEvent(bytes: Uint8Array, at: number): boolean {
  const last = bytes[at - 1] as number;
  if (last > carriageReturn) return false;
  if (last === lineFeed) return isLineEnd(bytes[at - (bytes[at - 2] === carriageReturn ? 3 : 2)]);
  return last === carriageReturn && at < bytes.length && bytes[at] !== lineFeed && isLineEnd(bytes[at - 2]);
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === lineFeed || byte === carriageReturn;
}
