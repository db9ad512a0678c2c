// Whether and when to retry. A turn is retried only before its first byte has reached the client.
import type { Failure } from '../failure.ts';

export interface RetryOptions {
  /** Attempts after the first. */
  retries: number;
  /** Time after the first attempt within which the last one must start. */
  budgetMs: number;
  /** The delay after an attempt unless the failure asks for a longer one. Default: 200 ms, doubling. */
  backoffMs?: (attempt: number) => number;
}

const doubling = (attempt: number) => 200 * 2 ** (attempt - 1);

/** How long to wait before attempt `attempt + 1`; undefined if there should be none. `random` in [0, 1). */
export function retryDelayMs(
  failure: Failure,
  progress: { attempt: number; elapsedMs: number },
  { retries, budgetMs, backoffMs = doubling }: RetryOptions,
  random: number,
): number | undefined {
  if (!failure.retry || progress.attempt > retries) return undefined;
  const jitteredMs = backoffMs(progress.attempt) * (0.9 + 0.2 * random);
  const delayMs = Math.max(jitteredMs, failure.retryAfterMs ?? 0);
  return progress.elapsedMs + delayMs <= budgetMs ? delayMs : undefined;
}
