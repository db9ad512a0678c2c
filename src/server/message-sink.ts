// Sends lines of text as messages of a WebSocket. A message is not sent before the client has read enough of the ones before.
import type { BodySink } from './direct-stream.ts';
import type { ClientSocket } from './web-socket.ts';

/** RFC 6455, 7.4.1: the client does not read. */
const policyViolation = 1008;

export class MessageSink implements BodySink {
  #waiting: Promise<number> | undefined;

  constructor(private readonly socket: ClientSocket) {}

  write(text: BodySinkText): number | Promise<number> {
    const lines = String(text).split('\n');
    if (this.#waiting === undefined) return this.#send(lines);
    this.#waiting = this.#waiting.then(() => this.#sendSlowly(lines));
    return this.#waiting;
  }

  flush(): number {
    return 0;
  }

  /** The end of a stream. While the client still has messages to read, only a stalled one ends. */
  close(): void {
    if (this.#waiting !== undefined) this.socket.close(policyViolation, 'The client does not read.');
  }

  #send(lines: string[]): number | Promise<number> {
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const full = this.socket.send(line);
      if (full === undefined) continue;
      const waiting = full.then(() => this.#sendSlowly(lines.slice(index + 1)));
      this.#waiting = waiting;
      void waiting.then(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
      return waiting;
    }
    return 0;
  }

  async #sendSlowly(lines: string[]): Promise<number> {
    for (const line of lines) if (line !== '') await this.socket.send(line);
    return 0;
  }
}

type BodySinkText = Parameters<BodySink['write']>[0];
