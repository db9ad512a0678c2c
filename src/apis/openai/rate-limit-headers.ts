// The plan's limits as the `x-ratelimit-*` headers of OpenAI's API (docs/wire/openai.md#rate-limit-headers). The upstream
// reports windows in percent, so the limit is 100 and one "request" is one percent.
import type { Failure } from '../../failure.ts';
import type { QuotaWindow } from '../../responses/translator.ts';

const wholeWindow = 100;
/** The plan is used up, by the upstream's account or by `quota.stop_at`. */
const planCodes = new Set(['usage_limit_reached', 'quota_stop']);

/** For a successful response: the window with the least left. */
export function windowHeaders(windows: readonly QuotaWindow[], nowMs: number): Record<string, string> {
  const [tightest] = windows.toSorted((a, b) => b.usedPercent - a.usedPercent);
  if (tightest === undefined) return {};
  const { usedPercent, resetsAtMs } = tightest;
  return headersOf(usedPercent, resetsAtMs === undefined ? undefined : resetsAtMs - nowMs);
}

/** For a failure; empty unless the plan is used up. */
export function limitHeaders({ code, retryAfterMs }: Failure): Record<string, string> {
  return code !== undefined && planCodes.has(code) ? headersOf(wholeWindow, retryAfterMs) : {};
}

function headersOf(usedPercent: number, resetMs: number | undefined): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(wholeWindow),
    'x-ratelimit-remaining-requests': String(Math.max(0, Math.floor(wholeWindow - usedPercent))),
    ...(resetMs === undefined ? {} : { 'x-ratelimit-reset-requests': durationText(resetMs) }),
  };
}

/** As OpenAI writes it: `1s`, `6m0s`, `43h16m40s`. */
function durationText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours}h${minutes}m${seconds % 60}s`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
