// How many turns or transcriptions run at once, and how many more may wait.
import { Failure } from '../failure.ts';

export interface QueueOptions {
  concurrency: number;
  /** Callers that may wait; one more is refused with 429. */
  waiting: number;
  timeoutMs: number;
  /** What to raise where it is full. */
  setting?: string;
}

export class Queue {
  #running = 0;
  /** In the order of their arrival. */
  readonly #waiters = new Set<() => void>();

  constructor(private readonly options: QueueOptions) {}

  get running(): number {
    return this.#running;
  }

  /** Resolves to the function that gives the place back. Throws `rate_limited` when full or too slow. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running < this.options.concurrency) this.#running += 1;
    else await this.#wait(signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiters.size >= this.options.waiting)
      throw this.#busy('Too many requests are waiting already.');
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        this.#waiters.delete(start);
        act();
      };
      const start = () => settle(resolve);
      const leave = () => settle(() => reject(signal.reason));
      const timer = setTimeout(
        () => settle(() => reject(this.#busy('No place became free in time.'))),
        this.options.timeoutMs,
      );
      this.#waiters.add(start);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The place goes to whoever waits longest. */
  #leave(): void {
    const [next] = this.#waiters;
    if (next === undefined) this.#running -= 1;
    else next();
  }

  #busy(message: string): Failure {
    return new Failure('rate_limited', message, {
      code: 'server_busy',
      retryAfterMs: 1000,
      advice: `Send fewer requests at once, or raise \`${this.options.setting ?? 'server.concurrency'}\`.`,
    });
  }
}
