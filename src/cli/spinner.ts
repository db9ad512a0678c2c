// `⠹ Waiting for the answer… 12 s`: shows on a terminal that a command is waiting, and for how long.
import { StatusLine } from './status-line.ts';
import type { Output, Terminal } from './terminal.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
/** Shorter waits show nothing. */
const delayMs = 400;

/** Visible from `start` to `stop`; never if stderr is not a terminal. */
export class Spinner {
  readonly #line: StatusLine;
  #timer: Timer | undefined;
  #startedAtMs = 0;
  #frame = 0;

  constructor(
    private readonly stderr: Output,
    private readonly nowMs: () => number,
  ) {
    this.#line = new StatusLine(stderr);
  }

  start(text: string): void {
    if (!this.stderr.isTty) return;
    this.#startedAtMs = this.nowMs();
    this.#timer = setInterval(() => this.#draw(text), frameMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#line.clear();
  }

  /** A terminal whose output clears the spinner first. */
  wrap(terminal: Terminal): Terminal {
    const stdout = this.#line.wrap(terminal.stdout);
    return { ...terminal, stdout, stderr: this.#line.wrap(terminal.stderr) };
  }

  #draw(text: string): void {
    const elapsedMs = this.nowMs() - this.#startedAtMs;
    if (elapsedMs < delayMs) return;
    const frame = frames[this.#frame++ % frames.length];
    this.#line.draw(`${frame} ${text}… ${Math.floor(elapsedMs / 1000)} s`);
  }
}
