// The plan's limits as `anthropic-ratelimit-unified-*` headers, which Claude Code 2.1.332 shows as its plan's limits. They are
// on successful responses and on a 429 for the plan itself, but not on other 429s: "5-hour limit reached" would be wrong for a
// short rate limit.
import type { Failure } from '../../failure.ts';
import type { QuotaWindow } from '../../responses/translator.ts';

const prefix = 'anthropic-ratelimit-unified-';
/** Claude Code warns only about a window with a surpassed threshold. */
const warnPercent = 90;
/** The upstream's own code for a used-up plan. */
const planLimit = 'usage_limit_reached';
const minuteMs = 60_000;
/** Resets are reported in whole seconds, as a time or as a wait, so they may differ slightly. */
const resetToleranceMs = 5 * minuteMs;

interface WindowName {
  minutes: number;
  /** In header names. */
  short: string;
  claim: string;
}
const names: readonly WindowName[] = [
  { minutes: 300, short: '5h', claim: 'five_hour' },
  { minutes: 10_080, short: '7d', claim: 'seven_day' },
];

type NamedWindow = QuotaWindow & WindowName;

/** For a successful response. The upstream does not report request or token counts, so there are no headers for those. */
export function windowHeaders(windows: readonly QuotaWindow[]): Record<string, string> {
  const known = namedWindows(windows);
  const [tightest] = known.toSorted((a, b) => b.usedPercent - a.usedPercent);
  if (tightest === undefined) return {};
  return headersOf({
    status: statusOfUse(tightest),
    'representative-claim': tightest.claim,
    reset: unixSeconds(tightest.resetsAtMs),
    ...Object.assign({}, ...known.map((window) => factsOf(window, statusOfUse(window)))),
  });
}

/** For a failure; empty unless the plan's own limit was reached. */
export function limitHeaders(failure: Failure, windows: readonly QuotaWindow[]): Record<string, string> {
  if (failure.code !== planLimit) return {};
  const known = namedWindows(windows);
  const resetsAtMs = resetOf(failure);
  const hit = hitWindow(known, resetsAtMs);
  const claim = hit?.claim ?? claimOfWait(failure.retryAfterMs);
  if (claim === undefined) return {};
  const facts = known.map((window) =>
    factsOf(window, window.claim === claim ? 'rejected' : statusOfUse(window)),
  );
  return headersOf({
    status: 'rejected',
    'representative-claim': claim,
    reset: unixSeconds(resetsAtMs ?? hit?.resetsAtMs),
    ...Object.assign({}, ...facts),
  });
}

function namedWindows(windows: readonly QuotaWindow[]): NamedWindow[] {
  return names.flatMap((name) => {
    const window = windows.find(({ windowMinutes }) => windowMinutes === name.minutes);
    return window === undefined ? [] : { ...window, ...name };
  });
}

/** The window that resets at the failure's time, otherwise the full one that resets last. */
function hitWindow(known: NamedWindow[], resetsAtMs: number | undefined): NamedWindow | undefined {
  const resetsThen = (window: NamedWindow) =>
    resetsAtMs !== undefined &&
    window.resetsAtMs !== undefined &&
    Math.abs(window.resetsAtMs - resetsAtMs) <= resetToleranceMs;
  return known.find(resetsThen) ?? known.findLast(({ usedPercent }) => usedPercent >= 100);
}

/** The shortest window that the wait fits into, for an upstream that reported no windows. */
function claimOfWait(waitMs: number | undefined): string | undefined {
  if (waitMs === undefined) return undefined;
  return names.find(({ minutes }) => waitMs <= minutes * minuteMs)?.claim;
}

function resetOf({ details }: Failure): number | undefined {
  return typeof details.resets_at === 'number' ? details.resets_at * 1000 : undefined;
}

type Status = 'allowed' | 'allowed_warning' | 'rejected';

/** For a successful response: an account with credits can continue even if a window is full. */
function statusOfUse({ usedPercent }: QuotaWindow): Status {
  return usedPercent >= warnPercent ? 'allowed_warning' : 'allowed';
}

type Facts = Record<string, string | undefined>;

function factsOf({ short, usedPercent, resetsAtMs }: NamedWindow, status: Status): Facts {
  return {
    [`${short}-utilization`]: String(usedPercent / 100),
    [`${short}-reset`]: unixSeconds(resetsAtMs),
    [`${short}-status`]: status,
    [`${short}-surpassed-threshold`]: usedPercent >= warnPercent ? String(warnPercent / 100) : undefined,
  };
}

function headersOf(facts: Facts): Record<string, string> {
  const known = Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [prefix + name, value]));
}

function unixSeconds(ms: number | undefined): string | undefined {
  return ms === undefined || !Number.isFinite(ms) ? undefined : String(Math.ceil(ms / 1000));
}
