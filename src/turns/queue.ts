// How many turns or transcriptions run at once, and how many more may wait.
import { Semaphore } from '../base/semaphore.ts';
import { Failure } from '../failure.ts';

export interface QueueOptions {
  concurrency: number;
  /** How many callers may wait; further ones get 429. */
  waiting: number;
  timeoutMs: number;
  /** What to raise when it is full. */
  setting?: string;
}

export class Queue {
  readonly #slots: Semaphore;

  constructor(private readonly options: QueueOptions) {
    this.#slots = new Semaphore(options.concurrency);
  }

  get running(): number {
    return this.#slots.held;
  }

  /** Resolves to the function that gives the slot back. Throws `rate_limited` when full or too slow. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (!this.#slots.fits() && this.#slots.waiting >= this.options.waiting) {
      throw this.#busy('Too many requests are waiting already.');
    }
    const failure = () => this.#busy('No place became free in time.');
    return this.#slots.acquire(signal, { timeout: { ms: this.options.timeoutMs, failure } });
  }

  #busy(message: string): Failure {
    return new Failure('rate_limited', message, {
      code: 'server_busy',
      retryAfterMs: 1000,
      advice: `Send fewer requests concurrently, or raise \`${this.options.setting ?? 'server.concurrency'}\`.`,
    });
  }
}
