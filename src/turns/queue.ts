// Limits how many turns or transcriptions run concurrently, and how many may wait.
import { Semaphore } from '../base/semaphore.ts';
import { Failure } from '../failure.ts';

export interface QueueOptions {
  concurrency: number;
  /** How many callers may wait; further ones get 429. */
  waiting: number;
  timeoutMs: number;
  /** The setting to raise if the queue is full. */
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

  get waiting(): number {
    return this.#slots.waiting;
  }

  /** Waits for a slot and resolves to a function that frees it. Throws `rate_limited` if the queue is full or too slow. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (!this.#slots.fits() && this.#slots.waiting >= this.options.waiting) {
      throw this.#busy('Too many requests are already waiting.');
    }
    const failure = () => this.#busy('Timed out waiting in the queue.');
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
