// Whether and when a turn is asked for again. Only before the first byte has reached the client (product.md 6).
import type { Failure } from '../failure.ts';

export interface RetryOptions {
  /** Attempts after the first. */
  retries: number;
  /** No attempt starts later than this after the first. */
  budgetMs: number;
}

const firstDelayMs = 200;

/** How long to wait before attempt `attempt + 1`; undefined when there shall be none. `random` in [0, 1). */
export function retryDelayMs(
  failure: Failure,
  progress: { attempt: number; elapsedMs: number },
  { retries, budgetMs }: RetryOptions,
  random: number,
): number | undefined {
  if (!failure.retry || progress.attempt > retries) return undefined;
  const backoffMs = firstDelayMs * 2 ** (progress.attempt - 1) * (0.9 + 0.2 * random);
  const delayMs = Math.max(backoffMs, failure.retryAfterMs ?? 0);
  return progress.elapsedMs + delayMs <= budgetMs ? delayMs : undefined;
}
