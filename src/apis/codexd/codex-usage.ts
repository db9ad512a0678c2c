// The plan's limits in the format of `GET wham/usage`, which Codex shows in `/status`. Codex requires integers and all four
// fields of a window.
import { type Fields, isObject } from '../../responses/fields.ts';
import type { NamedWindow, Quota } from '../../upstream/quota.ts';

/** Fields that do not identify the user. */
const safeFields = [
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

/** The upstream's body without the user's names and ids. */
export function usageFromBody(body: Fields): Fields {
  return Object.fromEntries(
    safeFields.flatMap((key) => (key in body ? [[key, withIntegers(body[key])]] : [])),
  );
}

function withIntegers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIntegers);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => {
    const isPercent = key === 'used_percent' && typeof member === 'number';
    return [key, isPercent ? Math.round(member) : withIntegers(member)];
  });
  return Object.fromEntries(members);
}

/** The same body, from limits reported with turns. */
export function usageFromQuotas(quotas: Quota[], nowMs: number): Fields {
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

/** A window with an unknown reset is assumed to begin now. */
function windowOf(window: NamedWindow | undefined, nowMs: number): Fields | null {
  if (window === undefined) return null;
  const { usedPercent, windowMinutes, resetsAtMs = nowMs + windowMinutes * 60_000 } = window;
  return {
    used_percent: Math.round(usedPercent),
    limit_window_seconds: Math.round(windowMinutes * 60),
    reset_after_seconds: Math.max(0, Math.round((resetsAtMs - nowMs) / 1000)),
    reset_at: Math.round(resetsAtMs / 1000),
  };
}
