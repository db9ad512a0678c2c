// A sign of life on a terminal's stderr while nothing can be shown yet. It is wiped away before anything else is written.
import type { Output, Terminal } from './terminal.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
/** What is done sooner needs no sign. */
const patienceMs = 400;

/** `⠹ Thinking… 12 s`, from `start` to `stop`. Nothing at all where stderr is not a terminal. */
export class Spinner {
  readonly #stderr: Output;
  #timer: Timer | undefined;
  #startedAtMs = 0;
  #frame = 0;
  /** Columns of the line that are on the screen. */
  #drawn = 0;

  constructor(
    stderr: Output,
    private readonly nowMs: () => number,
  ) {
    this.#stderr = stderr;
  }

  start(text: string): void {
    if (!this.#stderr.isTty) return;
    this.#startedAtMs = this.nowMs();
    this.#timer = setInterval(() => this.#draw(text), frameMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#wipe();
  }

  /** The terminal with the line out of its way. */
  around(terminal: Terminal): Terminal {
    const wiping = (output: Output): Output => ({
      write: (text) => {
        this.#wipe();
        output.write(text);
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
    });
    return { ...terminal, stdout: wiping(terminal.stdout), stderr: wiping(terminal.stderr) };
  }

  #draw(text: string): void {
    const elapsedMs = this.nowMs() - this.#startedAtMs;
    if (elapsedMs < patienceMs) return;
    const line = `${frames[this.#frame++ % frames.length]} ${text}… ${Math.floor(elapsedMs / 1000)} s`;
    this.#wipe();
    // The last column stays free: some terminals begin a new line there.
    if (Bun.stringWidth(line) >= this.#stderr.columns) return;
    this.#stderr.write(line);
    this.#drawn = Bun.stringWidth(line);
  }

  /** Spaces, which every terminal understands. */
  #wipe(): void {
    if (this.#drawn > 0) this.#stderr.write(`\r${' '.repeat(this.#drawn)}\r`);
    this.#drawn = 0;
  }
}
