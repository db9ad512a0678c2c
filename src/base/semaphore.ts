// A semaphore. Waiters are served in order of arrival, and stop waiting when their signal aborts.
import { onAbort } from './abort.ts';

export interface AcquireOptions {
  /** How many units of the limit to hold; 1 by default. More than the limit is granted while nothing else is held. */
  units?: number;
  timeout?: { ms: number; failure: () => Error };
}

interface Waiter {
  units: number;
  start: () => void;
}

export class Semaphore {
  #held = 0;
  /** In order of arrival, so that small requests cannot overtake a large one forever. */
  readonly #waiters = new Set<Waiter>();

  constructor(public limit: number) {}

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether `acquire` would grant the units immediately. */
  fits(units = 1): boolean {
    return this.#waiters.size === 0 && this.#isFree(units);
  }

  /** Resolves to the function that releases the units. Rejects with the signal's reason or the timeout's failure. */
  async acquire(signal: AbortSignal, { units = 1, timeout }: AcquireOptions = {}): Promise<() => void> {
    signal.throwIfAborted();
    if (this.fits(units)) this.#held += units;
    else await this.#wait(signal, units, timeout);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= units;
      this.#startWaiters();
    };
  }

  /** Runs `job` while holding one unit. */
  async run<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await job();
    } finally {
      release();
    }
  }

  #isFree(units: number): boolean {
    return this.#held === 0 || this.#held + units <= this.limit;
  }

  #wait(signal: AbortSignal, units: number, timeout: AcquireOptions['timeout']): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        stopListening();
        this.#waiters.delete(waiter);
        act();
      };
      const giveUp = (reason: unknown) => {
        settle(() => reject(reason));
        this.#startWaiters();
      };
      const waiter = { units, start: () => settle(resolve) };
      this.#waiters.add(waiter);
      const timer = timeout && setTimeout(() => giveUp(timeout.failure()), timeout.ms);
      const stopListening = onAbort(signal, () => giveUp(signal.reason));
    });
  }

  #startWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!this.#isFree(waiter.units)) return;
      this.#held += waiter.units;
      waiter.start();
    }
  }
}
