// The plan's windows as `GET wham/usage` has them, which is what Codex shows in `/status`. It wants whole numbers, and all
// four of a window, else it shows nothing.
import { type Fields, isObject } from '../../responses/fields.ts';
import type { Quota, QuotaWindow } from '../../upstream/quota.ts';

/** What says nothing about whose account it is. */
const shown = [
  ...[
    'plan_type',
    'rate_limit',
    'code_review_rate_limit',
    'additional_rate_limits',
    'model_usage',
    'credits',
  ],
  ...['spend_control', 'rate_limit_reached_type', 'promo', 'rate_limit_reset_credits'],
];

/** The upstream's own body, without the person's names and ids. */
export function usageOf(body: Fields): Fields {
  return Object.fromEntries(shown.flatMap((key) => (key in body ? [[key, inWholeNumbers(body[key])]] : [])));
}

function inWholeNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inWholeNumbers);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => {
    const isPercent = key === 'used_percent' && typeof member === 'number';
    return [key, isPercent ? Math.round(member) : inWholeNumbers(member)];
  });
  return Object.fromEntries(members);
}

/** The same body from what turns said of the windows. */
export function usageFrom(quotas: Quota[], nowMs: number): Fields {
  const plan = quotas.find(({ limit }) => limit === 'codex');
  return {
    plan_type: quotas.find((quota) => quota.plan !== undefined)?.plan ?? 'unknown',
    rate_limit: plan === undefined ? null : rateLimitOf(plan, nowMs),
    additional_rate_limits: quotas
      .filter((quota) => quota !== plan)
      .map((quota) => ({
        limit_name: quota.name ?? quota.limit,
        metered_feature: quota.limit,
        rate_limit: rateLimitOf(quota, nowMs),
      })),
    credits: null,
    rate_limit_reached_type: plan?.reached ?? null,
  };
}

function rateLimitOf({ windows, reached }: Quota, nowMs: number): Fields {
  const [primary, secondary] = windows;
  return {
    allowed: reached === undefined,
    limit_reached: reached !== undefined,
    primary_window: windowOf(primary, nowMs),
    secondary_window: windowOf(secondary, nowMs),
  };
}

/** One whose reset is not known begins now. */
function windowOf(window: QuotaWindow | undefined, nowMs: number): Fields | null {
  if (window === undefined) return null;
  const { usedPercent, windowMinutes, resetsAtMs = nowMs + windowMinutes * 60_000 } = window;
  return {
    used_percent: Math.round(usedPercent),
    limit_window_seconds: Math.round(windowMinutes * 60),
    reset_after_seconds: Math.max(0, Math.round((resetsAtMs - nowMs) / 1000)),
    reset_at: Math.round(resetsAtMs / 1000),
  };
}
