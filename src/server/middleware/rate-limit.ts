// Requests per minute and key: a bucket that fills evenly, so that a burst is allowed and a flood is not.
import { Failure } from '../../failure.ts';

export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** Throws `rate_limited` when `name` has used up `perMinute`; 0 is no limit. */
  take(name: string, perMinute: number): void {
    if (perMinute <= 0) return;
    const nowMs = this.nowMs();
    const bucket = this.#buckets.get(name) ?? { tokens: perMinute, atMs: nowMs };
    const tokens = Math.min(perMinute, bucket.tokens + ((nowMs - bucket.atMs) * perMinute) / 60_000);
    this.#buckets.set(name, { tokens: Math.max(0, tokens - 1), atMs: nowMs });
    if (tokens >= 1) return;
    this.#buckets.set(name, { tokens, atMs: nowMs });
    throw new Failure(
      'rate_limited',
      `The key ${JSON.stringify(name)} may send ${perMinute} requests per minute.`,
      {
        code: 'rate_limit_exceeded',
        retryAfterMs: ((1 - tokens) * 60_000) / perMinute,
      },
    );
  }
}
