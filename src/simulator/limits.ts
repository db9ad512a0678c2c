// Quota windows: as headers of every turn (docs/wire/upstream.md#quota-headers), as GET wham/usage (#usage-endpoint) and as
// a WebSocket's first frame (#websocket).
import { type Fields, isObject } from '../base/object.ts';
import type { Account } from './identity.ts';
import { missing } from './refusal.ts';

export interface Limits {
  /** `weekly`: one window, in the primary slot, as in most accounts today. `both`: five hours and a week. */
  layout: 'weekly' | 'both';
  weeklyUsedPercent: number;
  fiveHourUsedPercent: number;
  /** Rate limit resets that the account may redeem; none by default. */
  resets?: number;
}

interface Window {
  usedPercent: number;
  minutes: number;
  resetAfterS: number;
  resetAt: number;
}

export class Quota {
  private readonly redeemed = new Set<string>();

  constructor(
    private readonly limits: Limits,
    private readonly now: () => number,
  ) {}

  /** `exhausted`: for a 429; the first window is used up. */
  headers(plan: string, { exhausted = false } = {}): Record<string, string> {
    const [primary, secondary] = this.windows();
    const used = exhausted ? { ...primary, usedPercent: 100 } : primary;
    return {
      'x-codex-active-limit': 'codex',
      'x-codex-plan-type': plan,
      ...windowHeaders('primary', used),
      ...windowHeaders('secondary', secondary),
      'x-codex-primary-over-secondary-limit-percent': '0',
      'x-codex-credits-has-credits': 'False',
      'x-codex-credits-unlimited': 'False',
      'x-codex-credits-balance': '0',
    };
  }

  usage(account: Account): Fields {
    const [primary, secondary] = this.windows();
    return {
      user_id: account.userId,
      account_id: account.accountId,
      email: account.email,
      plan_type: account.plan,
      rate_limit: {
        allowed: primary.usedPercent < 100,
        limit_reached: primary.usedPercent >= 100,
        primary_window: usageWindow(primary),
        secondary_window: secondary ? usageWindow(secondary) : null,
      },
      code_review_rate_limit: null,
      additional_rate_limits: [],
      model_usage: {},
      credits: {
        has_credits: false,
        unlimited: false,
        overage_limit_reached: false,
        balance: '0',
        approx_local_messages: [0, 0],
        approx_cloud_messages: [0, 0],
      },
      spend_control: { reached: false, individual_limit: null },
      rate_limit_reached_type: null,
      promo: null,
      rate_limit_reset_credits: { available_count: this.resets(), applicable_available_count: this.resets() },
    };
  }

  /** The resets that are left, and when they end. */
  resetCredits(): Fields {
    const expiresAt = new Date(this.now() + 30 * 86_400_000).toISOString();
    const credits = Array.from({ length: this.resets() }, (_, index) => ({
      id: `credit_${this.redeemed.size + index + 1}`,
      reset_type: 'codex_rate_limits',
      status: 'available',
      granted_at: new Date(this.now()).toISOString(),
      expires_at: expiresAt,
      title: null,
    }));
    return { credits, available_count: credits.length };
  }

  /** A repeated `redeem_request_id` redeems nothing again. */
  redeem(body: unknown): Fields {
    const id = isObject(body) ? body.redeem_request_id : undefined;
    if (typeof id !== 'string') throw missing('redeem_request_id');
    if (!this.redeemed.has(id) && this.resets() === 0) return { code: 'no_credit' };
    this.redeemed.add(id);
    return { code: 'reset' };
  }

  private resets(): number {
    return (this.limits.resets ?? 0) - this.redeemed.size;
  }

  frame(account: Account): Fields {
    const [primary, secondary] = this.windows();
    return {
      type: 'codex.rate_limits',
      plan_type: account.plan,
      rate_limits: {
        allowed: primary.usedPercent < 100,
        limit_reached: primary.usedPercent >= 100,
        primary: frameWindow(primary),
        secondary: secondary ? frameWindow(secondary) : null,
      },
      code_review_rate_limits: null,
      additional_rate_limits: null,
      credits: { has_credits: false, unlimited: false, balance: '0' },
      promo: null,
    };
  }

  private windows(): [Window, Window | undefined] {
    const weekly = this.window(this.limits.weeklyUsedPercent, 10_080);
    if (this.limits.layout === 'weekly') return [weekly, undefined];
    return [this.window(this.limits.fiveHourUsedPercent, 300), weekly];
  }

  /** Half of the window has passed. */
  private window(usedPercent: number, minutes: number): Window {
    const resetAfterS = minutes * 30;
    return { usedPercent, minutes, resetAfterS, resetAt: Math.floor(this.now() / 1000) + resetAfterS };
  }
}

/** An absent window is all zeros, and its reset is empty. */
function windowHeaders(slot: string, window: Window | undefined): Record<string, string> {
  return {
    [`x-codex-${slot}-used-percent`]: String(window?.usedPercent ?? 0),
    [`x-codex-${slot}-window-minutes`]: String(window?.minutes ?? 0),
    [`x-codex-${slot}-reset-after-seconds`]: String(window?.resetAfterS ?? 0),
    [`x-codex-${slot}-reset-at`]: String(window?.resetAt ?? ''),
  };
}

function usageWindow({ usedPercent, minutes, resetAfterS, resetAt }: Window): Fields {
  return {
    used_percent: usedPercent,
    limit_window_seconds: minutes * 60,
    reset_after_seconds: resetAfterS,
    reset_at: resetAt,
  };
}

function frameWindow({ usedPercent, minutes, resetAfterS, resetAt }: Window): Fields {
  return {
    used_percent: usedPercent,
    window_minutes: minutes,
    reset_after_seconds: resetAfterS,
    reset_at: resetAt,
  };
}
