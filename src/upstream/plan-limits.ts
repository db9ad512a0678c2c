// Plan limits that the upstream has told us of: known until they reset, so that the retries of every client are not
// passed on (openai-api.md L.105), and asked about again now and then, because a reset may come early (field-notes.md 7).
import type { Failure } from '../failure.ts';
import { withWait } from './answer.ts';

const probeMs = 60_000;

export class PlanLimits {
  /** By model: some have a limit of their own. */
  readonly #limits = new Map<string, { failure: Failure; untilMs: number; probeAtMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** Throws what the upstream said, with the wait that is left; once a minute one request goes through. */
  refuse(model: string): void {
    const limit = this.#limits.get(model);
    if (limit === undefined) return;
    const nowMs = this.nowMs();
    if (nowMs >= limit.untilMs) this.#limits.delete(model);
    else if (nowMs >= limit.probeAtMs) limit.probeAtMs = nowMs + probeMs;
    else throw withWait(limit.failure, limit.untilMs - nowMs);
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
