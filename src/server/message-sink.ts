// Sends lines of text as messages of a WebSocket. While the client reads too slowly, later lines wait here.
import type { BodySink } from './direct-stream.ts';
import type { ClientSocket } from './web-socket.ts';

/** RFC 6455, 7.4.1: the client does not read. */
const policyViolation = 1008;
/** How long a client may take to read queued messages after the end of a stream. */
const finalReadMs = 30_000;

type Content = Parameters<BodySink['write']>[0];

export class MessageSink implements BodySink {
  /** Resolves when everything written so far has been sent; undefined if nothing waits. */
  #waiting: Promise<number> | undefined;

  constructor(
    private readonly socket: ClientSocket,
    private readonly graceMs = finalReadMs,
  ) {}

  write(content: Content): number | Promise<number> {
    const lines = String(content)
      .split('\n')
      .filter((line) => line !== '');
    if (this.#waiting !== undefined) return this.#wait(this.#waiting.then(() => this.#sendSlowly(lines)));
    for (const [index, line] of lines.entries()) {
      const full = this.socket.send(line);
      if (full !== undefined) return this.#wait(full.then(() => this.#sendSlowly(lines.slice(index + 1))));
    }
    return 0;
  }

  flush(): number {
    return 0;
  }

  /** The end of a stream. A client that never reads the rest is disconnected. */
  close(): void {
    if (this.#waiting === undefined) return;
    const giveUp = () => this.socket.close(policyViolation, 'The client is not reading.');
    const late = setTimeout(giveUp, this.graceMs);
    void this.#waiting.then(() => clearTimeout(late));
  }

  #wait(sent: Promise<number>): Promise<number> {
    this.#waiting = sent;
    void sent.then(() => {
      if (this.#waiting === sent) this.#waiting = undefined;
    });
    return sent;
  }

  async #sendSlowly(lines: string[]): Promise<number> {
    for (const line of lines) await this.socket.send(line);
    return 0;
  }
}
