// How much of the plan is used, as reported by response headers, `codex.rate_limits` events and `GET wham/usage`.
import { type Fields, isObject } from '../base/object.ts';
import { Failure } from '../failure.ts';
import type { ResponsesEvent } from '../responses/event.ts';
import type { QuotaWindow } from '../responses/translator.ts';

export interface NamedWindow extends QuotaWindow {
  /** Named by its length, since the upstream's "primary" varies: `5 h`, `weekly`, `3 d`, `90 min`. */
  label: string;
}

export interface Quota {
  /** `codex` for the plan itself; other limits apply to single models. */
  limit: string;
  /** The upstream's name for another limit, e.g. `GPT-5.3-Codex-Spark`. */
  name: string | undefined;
  plan: string | undefined;
  /** The shortest first. */
  windows: NamedWindow[];
  /** Why requests are refused, e.g. `rate_limit_reached`; undefined while they are not. */
  reached: string | undefined;
}

const planLimit = 'codex';
const slots = ['primary', 'secondary'] as const;

/** The latest report of every limit. A window that has been reset since counts as empty. */
export class QuotaBook {
  readonly #quotas = new Map<string, Quota>();

  constructor(private readonly nowMs: () => number) {}

  note(quotas: readonly Quota[]): void {
    for (const quota of quotas) this.#quotas.set(quota.limit, quota);
  }

  /** The plan's own limit first. */
  current(): Quota[] {
    const nowMs = this.nowMs();
    return [...this.#quotas.values()]
      .map((quota) => afterResets(quota, nowMs))
      .sort((a, b) => Number(b.limit === planLimit) - Number(a.limit === planLimit));
  }

  /** The windows of the plan itself; empty if unknown. */
  planWindows(): NamedWindow[] {
    return this.current().find(({ limit }) => limit === planLimit)?.windows ?? [];
  }
}

function afterResets(quota: Quota, nowMs: number): Quota {
  const hasReset = ({ resetsAtMs }: NamedWindow) => resetsAtMs !== undefined && resetsAtMs <= nowMs;
  if (!quota.windows.some(hasReset)) return quota;
  const windows = quota.windows.map((window) =>
    hasReset(window) ? { ...window, usedPercent: 0, resetsAtMs: undefined } : window,
  );
  return { ...quota, windows, reached: undefined };
}

/** The limits in response headers; empty if there are none. */
export function quotasFromHeaders(headers: Headers, nowMs: number): Quota[] {
  const families = new Set<string>();
  headers.forEach((_, name) => {
    const family = /^x-(.+)-(?:primary|secondary)-used-percent$/.exec(name)?.[1];
    if (family) families.add(family);
  });
  // The `codex` headers repeat the active limit. If that has headers of its own, they are not the plan's.
  const active = headers.get('x-codex-active-limit')?.replaceAll('_', '-');
  if (active !== undefined && active !== planLimit && families.has(active)) families.delete(planLimit);
  return [...families].map((family) => {
    const at = (key: string) => headers.get(`x-${family}-${key}`)?.trim() || undefined;
    const windows = slots.map((slot) =>
      windowOf(
        {
          usedPercent: at(`${slot}-used-percent`),
          windowMinutes: at(`${slot}-window-minutes`),
          resetAt: at(`${slot}-reset-at`),
          resetAfterSeconds: at(`${slot}-reset-after-seconds`),
        },
        nowMs,
      ),
    );
    return quota({
      limit: family.replaceAll('-', '_'),
      name: at('limit-name'),
      plan: headers.get('x-codex-plan-type') || undefined,
      windows,
      reached: at('rate-limit-reached-type'),
    });
  });
}

/** The limits that a private event or an error event reports. */
export function quotasFromEvent(event: ResponsesEvent, nowMs: number): Quota[] {
  if (event.type === 'codex.rate_limits') {
    const fields = object(event);
    const limits = object(fields.rate_limits);
    const limit = text(fields.metered_limit_name) ?? text(fields.limit_name) ?? planLimit;
    return [
      quota({
        limit,
        name: text(fields.limit_name),
        plan: text(fields.plan_type),
        windows: slots.map((slot) => windowOf(eventWindow(object(limits[slot])), nowMs)),
        reached: limits.limit_reached === true ? 'rate_limit_reached' : undefined,
      }),
    ];
  }
  if (event.type === 'error' || event.type === 'codex.response.metadata') {
    const headers = Object.entries(object(object(event).headers)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return quotasFromHeaders(new Headers(headers), nowMs);
  }
  return [];
}

function eventWindow(window: Fields): RawWindow {
  return {
    usedPercent: window.used_percent,
    windowMinutes: window.window_minutes,
    resetAt: window.reset_at,
    resetAfterSeconds: window.reset_after_seconds,
  };
}

/** The body of `GET wham/usage`. */
export function quotasFromUsage(body: unknown, nowMs: number): Quota[] {
  const usage = object(body);
  const plan = text(usage.plan_type);
  const others = Array.isArray(usage.additional_rate_limits) ? usage.additional_rate_limits : [];
  return [
    usageQuota(
      { limit: planLimit, name: undefined, plan },
      usage.rate_limit,
      nowMs,
      usage.rate_limit_reached_type,
    ),
    ...others.map(object).map((entry) => {
      const name = text(entry.limit_name);
      const limit = text(entry.metered_feature) ?? name ?? 'other';
      return usageQuota({ limit, name, plan }, entry.rate_limit, nowMs);
    }),
  ];
}

function usageQuota(
  identity: Pick<Quota, 'limit' | 'name' | 'plan'>,
  rateLimit: unknown,
  nowMs: number,
  reachedType?: unknown,
): Quota {
  const limits = object(rateLimit);
  const windows = slots.map((slot) => {
    const window = object(limits[`${slot}_window`]);
    const seconds = number(window.limit_window_seconds);
    const windowMinutes = seconds === undefined ? undefined : seconds / 60;
    return windowOf({ ...eventWindow(window), windowMinutes }, nowMs);
  });
  const reached = text(reachedType) ?? text(object(reachedType).type);
  return quota({
    ...identity,
    windows,
    reached: reached ?? (limits.limit_reached === true ? 'rate_limit_reached' : undefined),
  });
}

interface RawWindow {
  usedPercent: unknown;
  windowMinutes: unknown;
  /** Unix seconds. */
  resetAt: unknown;
  resetAfterSeconds: unknown;
}

/** Undefined for a window that does not exist: all its values are zero or empty. */
function windowOf(raw: RawWindow, nowMs: number): NamedWindow | undefined {
  const usedPercent = number(raw.usedPercent);
  const windowMinutes = number(raw.windowMinutes) ?? 0;
  const resetAt = number(raw.resetAt) || undefined;
  const resetAfter = number(raw.resetAfterSeconds) || undefined;
  if (usedPercent === undefined) return undefined;
  if (usedPercent === 0 && windowMinutes === 0 && !resetAt && !resetAfter) return undefined;
  const resetsAtMs = resetAt ? resetAt * 1000 : resetAfter ? nowMs + resetAfter * 1000 : undefined;
  return { label: windowLabel(windowMinutes), usedPercent, windowMinutes, resetsAtMs };
}

export function windowLabel(minutes: number): string {
  if (minutes === 0) return 'limit';
  if (minutes === 7 * 24 * 60) return 'weekly';
  if (minutes % (24 * 60) === 0) return `${minutes / (24 * 60)} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.round(minutes)} min`;
}

function quota(facts: Omit<Quota, 'windows'> & { windows: (NamedWindow | undefined)[] }): Quota {
  const windows = facts.windows.filter((window) => window !== undefined);
  return { ...facts, windows: windows.sort((a, b) => a.windowMinutes - b.windowMinutes) };
}

function object(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** The path of one of the account's endpoints below a base URL. */
export function backendPath(baseUrl: string, name: string): string {
  return baseUrl.includes('/backend-api') ? `/wham/${name}` : `/api/codex/${name}`;
}

/** Fetches the quota, which does not cost a turn. `get` is `UpstreamClient.get`. */
export async function fetchQuotas(
  get: (path: string) => Promise<Response>,
  baseUrl: string,
  nowMs: () => number,
): Promise<Quota[]> {
  const response = await get(backendPath(baseUrl, 'usage'));
  const body: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
  if (!isObject(body)) {
    throw new Failure('upstream_broke', `The upstream did not report a quota (HTTP ${response.status}).`);
  }
  return quotasFromUsage(body, nowMs());
}
