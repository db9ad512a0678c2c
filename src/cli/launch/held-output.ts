// Holds back what codexd writes to stderr while another program owns the terminal, and writes it afterwards.
import type { Output } from '../terminal.ts';

/** Older writes are dropped. */
const maxHeld = 100;

export class HeldOutput implements Output {
  #held: string[] | undefined;
  #dropped = 0;

  constructor(private readonly target: Output) {}

  get isTty(): boolean {
    return this.target.isTty;
  }

  get color(): boolean {
    return this.target.color;
  }

  get columns(): number {
    return this.target.columns;
  }

  write(text: string): void {
    if (this.#held === undefined) {
      this.target.write(text);
      return;
    }
    this.#held.push(text);
    if (this.#held.length > maxHeld) {
      this.#held.shift();
      this.#dropped++;
    }
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const [held = [], dropped] = [this.#held, this.#dropped];
    this.#held = undefined;
    this.#dropped = 0;
    if (dropped > 0) this.target.write(`(${dropped} earlier messages were dropped)\n`);
    for (const text of held) this.target.write(text);
  }
}
