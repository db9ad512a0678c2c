// Joins the literals of a text's deltas. They are flattened now and then, so that the chunks they were sliced from can be
// freed. A text beyond the limit is dropped.
import type { DeltaEvent } from './event.ts';
import { unescapedLength } from './json-scan.ts';

/** Characters, as escaped in JSON. */
const defaultLimit = 8 * 1024 * 1024;
const maxPieces = 64;

export class TextAccumulator {
  #pieces: string[] = [];
  /** The text as the inside of a JSON string literal. */
  #inner = '';
  /** UTF-16 units of a text beyond the limit. */
  #droppedLength: number | undefined;

  constructor(private readonly limitLength = defaultLimit) {}

  add({ json }: DeltaEvent): void {
    if (this.#droppedLength !== undefined) {
      this.#droppedLength += unescapedLength(json);
      return;
    }
    this.#pieces.push(json.slice(1, -1));
    if (this.#pieces.length < maxPieces) return;
    this.#flatten();
    if (this.#inner.length <= this.limitLength) return;
    this.#droppedLength = this.#unescaped().length;
    this.#inner = '';
  }

  /** Undefined if the text is too long. */
  text(): string | undefined {
    if (this.#droppedLength !== undefined) return undefined;
    this.#flatten();
    return this.#unescaped();
  }

  /** UTF-16 units. */
  get length(): number {
    return this.#droppedLength ?? (this.text() as string).length;
  }

  #unescaped(): string {
    return JSON.parse(`"${this.#inner}"`) as string;
  }

  #flatten(): void {
    this.#inner += this.#pieces.join('');
    this.#pieces = [];
  }
}
