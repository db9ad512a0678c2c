// The last line on a terminal's stderr, which shows that work is in progress. It is cleared before other output.
import type { Output } from './terminal.ts';

export class StatusLine {
  /** Columns of the text on the screen. */
  #drawn = 0;

  constructor(private readonly stderr: Output) {}

  /** Replaces the text; an empty text clears the line. Does nothing if stderr is not a terminal. */
  draw(text: string): void {
    const { stderr } = this;
    if (!stderr.isTty) return;
    this.clear();
    // The last column stays empty: some terminals start a new line after writing to it.
    const visible = truncate(text, stderr.columns - 1);
    if (visible === '') return;
    stderr.write(visible);
    this.#drawn = Bun.stringWidth(visible);
  }

  /** Overwrites the text with spaces, which work on every terminal. */
  clear(): void {
    if (this.#drawn > 0) this.stderr.write(`\r${' '.repeat(this.#drawn)}\r`);
    this.#drawn = 0;
  }

  /** An output that clears the line before each write and calls `afterWrite` after it. */
  wrap(output: Output, afterWrite = () => {}): Output {
    return {
      write: (text) => {
        this.clear();
        output.write(text);
        afterWrite();
      },
      get isTty() {
        return output.isTty;
      },
      get color() {
        return output.color;
      },
      get columns() {
        return output.columns;
      },
    };
  }
}

function truncate(text: string, columns: number): string {
  const letters = [...text];
  while (letters.length > 0 && Bun.stringWidth(letters.join('')) > columns) letters.pop();
  return letters.join('');
}
