// The plan's windows as `anthropic-ratelimit-unified-*` headers. Claude Code shows them as its own plan's limits, so they
// are on answers and on the 429 of the plan's own limit, and on no other 429: "5-hour limit reached" would be wrong for a
// short rate limit. Names and values are those that Claude Code 2.1.332 reads.
import type { Failure } from '../../failure.ts';
import type { QuotaWindow } from '../../responses/translator.ts';

const prefix = 'anthropic-ratelimit-unified-';
/** From here on Claude Code warns: it shows a warning only for a window with a threshold that was passed. */
const warnPercent = 90;
/** The upstream's own code for a used-up plan. */
const planLimit = 'usage_limit_reached';
const minuteMs = 60_000;
/** A reset is reported in whole seconds, and once as a time and once as a wait. */
const sameResetMs = 5 * minuteMs;

interface WindowName {
  minutes: number;
  /** In the names of headers. */
  short: string;
  claim: string;
}
const names: readonly WindowName[] = [
  { minutes: 300, short: '5h', claim: 'five_hour' },
  { minutes: 10_080, short: '7d', claim: 'seven_day' },
];

type NamedWindow = QuotaWindow & WindowName;

/** For a successful response. The upstream reports no counts of requests or tokens, so there are no headers about those. */
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

/** For a failure; none unless it is the plan's own limit. */
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

/** The window that resets when the failure says, else the full one that resets last. */
function hitWindow(known: NamedWindow[], resetsAtMs: number | undefined): NamedWindow | undefined {
  const resetsThen = (window: NamedWindow) =>
    resetsAtMs !== undefined &&
    window.resetsAtMs !== undefined &&
    Math.abs(window.resetsAtMs - resetsAtMs) <= sameResetMs;
  return known.find(resetsThen) ?? known.findLast(({ usedPercent }) => usedPercent >= 100);
}

/** The shortest window that the wait fits into, when the upstream reported no windows. */
function claimOfWait(waitMs: number | undefined): string | undefined {
  if (waitMs === undefined) return undefined;
  return names.find(({ minutes }) => waitMs <= minutes * minuteMs)?.claim;
}

function resetOf({ details }: Failure): number | undefined {
  return typeof details.resets_at === 'number' ? details.resets_at * 1000 : undefined;
}

type Status = 'allowed' | 'allowed_warning' | 'rejected';

/** Of a request that was answered: a full window does not stop an account that has credits. */
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
