// Text put together again from the literals of its deltas, flattened now and then so that the chunks they were cut from
// can be freed. Kept up to a limit; past it the text is unknown.
import type { DeltaEvent } from './event.ts';

const limitLength = 8 * 1024 * 1024;
const piecesAtOnce = 64;

export class TextAccumulator {
  #pieces: string[] = [];
  /** The text as the inside of a JSON string literal. */
  #inner = '';
  #overflown = false;

  add({ json }: DeltaEvent): void {
    if (this.#overflown) return;
    this.#pieces.push(json.slice(1, -1));
    if (this.#pieces.length < piecesAtOnce) return;
    this.#flatten();
    if (this.#inner.length <= limitLength) return;
    this.#overflown = true;
    this.#inner = '';
  }

  /** Undefined when it was too long to keep. */
  text(): string | undefined {
    if (this.#overflown) return undefined;
    this.#flatten();
    return JSON.parse(`"${this.#inner}"`) as string;
  }

  #flatten(): void {
    this.#inner += this.#pieces.join('');
    this.#pieces = [];
  }
}
