// Limits how often an address may try something, such as guessing a code.
import { Failure } from '../failure.ts';

export interface AttemptLimitOptions {
  attempts: number;
  windowMs: number;
  nowMs: () => number;
}

/** Bounds the memory. Beyond it, further addresses wait for the next window. */
const maxAddresses = 10_000;

/** All counts restart with each window. */
export class AttemptLimit {
  readonly #counts = new Map<string, number>();
  #windowStartMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: AttemptLimitOptions) {}

  /** Throws `rate_limited` if the address has used up its attempts. */
  check(address: string): void {
    const { attempts, windowMs, nowMs } = this.options;
    const elapsedMs = nowMs() - this.#windowStartMs;
    if (elapsedMs >= windowMs) {
      this.#counts.clear();
      this.#windowStartMs = nowMs();
      return;
    }
    const count = this.#counts.get(address);
    const isFull = count === undefined && this.#counts.size >= maxAddresses;
    if (!isFull && (count ?? 0) < attempts) return;
    throw new Failure('rate_limited', 'Too many attempts.', {
      code: 'slow_down',
      retryAfterMs: windowMs - elapsedMs,
      advice: `Try again in ${Math.ceil((windowMs - elapsedMs) / 60_000)} minutes.`,
    });
  }

  count(address: string): void {
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
  }
}
