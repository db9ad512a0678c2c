// Keeps part of the plan free: once a window's used percent reaches `quota.stop_at`, new turns wait for a reset that is near,
// or are refused with the time of the reset.
import { Failure } from '../failure.ts';
import { resetTimeText } from '../reset-time.ts';
import type { NamedWindow } from '../upstream/quota.ts';

export interface QuotaGuardOptions {
  /** Percent; 0 for never. */
  stopAt: number;
  /** How long a turn may wait for a reset; 0 for not at all. */
  holdMs: number;
  /** How many turns may wait at once. */
  waiting: number;
  /** The plan's windows, as last reported. */
  windows: () => readonly NamedWindow[];
  /** Asks the upstream for them, which costs nothing. */
  refresh: () => Promise<void>;
  nowMs: () => number;
  /** Rejects with the signal's reason. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** While turns are refused, nothing else reports a window that was reset early. */
const refreshMs = 60_000;
/** The upstream's clock may be slightly behind. */
const afterResetMs = 1000;

export class QuotaGuard {
  #held = 0;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(private readonly options: QuotaGuardOptions) {}

  /** How long a new turn must wait: 0 while the plan has room. Throws `rate_limited` if that is too long. */
  async waitMs(): Promise<number> {
    const { windows, nowMs, holdMs } = this.options;
    if (this.options.stopAt === 0) return 0;
    if (windows().length === 0 || this.#fullWindow() !== undefined) await this.#refresh();
    const full = this.#fullWindow();
    if (full === undefined) return 0;
    const waitMs = (full.resetsAtMs ?? Number.POSITIVE_INFINITY) - nowMs() + afterResetMs;
    if (waitMs > holdMs) throw this.#refusal(full);
    return Math.max(1, waitMs);
  }

  /** How long a turn that the upstream has refused must wait; undefined if the plan is not the reason, or for too long. */
  waitAfter(refusal: unknown): number | undefined {
    if (!(refusal instanceof Failure) || refusal.code !== 'usage_limit_reached') return undefined;
    const waitMs = (refusal.retryAfterMs ?? Number.POSITIVE_INFINITY) + afterResetMs;
    return waitMs > this.options.holdMs ? undefined : waitMs;
  }

  /** Resolves after `ms`. Throws `rate_limited` if too many turns are waiting. */
  async hold(ms: number, signal: AbortSignal): Promise<void> {
    const { waiting, sleep } = this.options;
    if (this.#held >= waiting) {
      throw new Failure('rate_limited', 'Too many requests are already waiting for the plan to reset.', {
        code: 'server_busy',
        retryAfterMs: ms,
        advice: 'Send fewer requests concurrently, or raise `server.queue`.',
      });
    }
    this.#held++;
    try {
      await sleep(ms, signal);
    } finally {
      this.#held--;
    }
  }

  /** The one that resets last. */
  #fullWindow(): NamedWindow | undefined {
    const full = this.options.windows().filter(({ usedPercent }) => usedPercent >= this.options.stopAt);
    const resetOf = ({ resetsAtMs = Number.POSITIVE_INFINITY }: NamedWindow) => resetsAtMs;
    return full.toSorted((a, b) => resetOf(b) - resetOf(a))[0];
  }

  #refresh(): Promise<void> | undefined {
    const nowMs = this.options.nowMs();
    if (nowMs - this.#refreshedAtMs < refreshMs) return this.#refreshing;
    this.#refreshedAtMs = nowMs;
    // Without an answer, the last report counts.
    this.#refreshing = this.options
      .refresh()
      .catch(() => {})
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  #refusal({ label, usedPercent, resetsAtMs }: NamedWindow): Failure {
    const { nowMs, stopAt } = this.options;
    const now = nowMs();
    const reset =
      resetsAtMs === undefined ? '' : `It resets at ${resetTimeText(resetsAtMs, { nowMs: now })}. `;
    return new Failure(
      'rate_limited',
      `${usedPercent} % of the plan's ${label} window are used, and \`quota.stop_at\` is ${stopAt}.`,
      {
        code: 'quota_stop',
        retry: false,
        ...(resetsAtMs === undefined ? {} : { retryAfterMs: Math.max(0, resetsAtMs - now) }),
        advice: `${reset}Wait, or raise \`quota.stop_at\`.`,
        ...(resetsAtMs === undefined ? {} : { details: { resets_at: Math.ceil(resetsAtMs / 1000) } }),
      },
    );
  }
}
