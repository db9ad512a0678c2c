// Limits requests per minute and key with a token bucket, so that short bursts are allowed.
import { Failure } from '../../failure.ts';

export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** Throws `rate_limited` if `name` has used up `perMinute`; 0 means no limit. */
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
      `The key ${JSON.stringify(name)} is limited to ${perMinute} requests per minute.`,
      {
        code: 'rate_limit_exceeded',
        retryAfterMs: ((1 - tokens) * 60_000) / perMinute,
      },
    );
  }
}
