// Plan limits that the upstream has reported. Until they reset, requests are refused here, so that no client's retries reach
// the upstream (docs/wire/openai.md#plan-limit-no-retry). One request a minute is let through: a reset may come early.
import type { Failure } from '../failure.ts';
import { withRetryAfterMs } from './http-failure.ts';

const probeMs = 60_000;

export class PlanLimits {
  /** By model, since some have their own limit. */
  readonly #limits = new Map<string, { failure: Failure; untilMs: number; probeAtMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** Throws the reported limit with its remaining wait. Lets one request a minute through. */
  refuse(model: string): void {
    const limit = this.#limits.get(model);
    if (limit === undefined) return;
    const nowMs = this.nowMs();
    if (nowMs >= limit.untilMs) this.#limits.delete(model);
    else if (nowMs >= limit.probeAtMs) limit.probeAtMs = nowMs + probeMs;
    else throw withRetryAfterMs(limit.failure, limit.untilMs - nowMs);
  }

  note(model: string, failure: Failure): void {
    if (failure.code !== 'usage_limit_reached' || failure.retryAfterMs === undefined) return;
    const nowMs = this.nowMs();
    this.#limits.set(model, { failure, untilMs: nowMs + failure.retryAfterMs, probeAtMs: nowMs + probeMs });
  }

  clear(model: string): void {
    this.#limits.delete(model);
  }
}
