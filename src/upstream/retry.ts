// Whether and when a turn is asked for again. Only before the first byte has reached the client (product.md 6).
import type { Failure } from '../failure.ts';

export interface RetryOptions {
  /** Attempts after the first. */
  retries: number;
  /** No attempt starts later than this after the first. */
  budgetMs: number;
  /** The wait after an attempt where the failure names none; doubling from 200 ms when absent. */
  backoffMs?: (attempt: number) => number;
}

const doubling = (attempt: number) => 200 * 2 ** (attempt - 1);

/** How long to wait before attempt `attempt + 1`; undefined when there shall be none. `random` in [0, 1). */
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
