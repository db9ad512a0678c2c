// Wording that the failure envelopes of all APIs share.
import { type Failure, type FailureKind, stockAdvice } from '../failure.ts';
import { resetTimeText } from '../reset-time.ts';

/** Kinds whose stock advice adds to the message. */
const helpfulAdvice = new Set<FailureKind>([
  'bad_api_key',
  'forbidden',
  'login_required',
  'upstream_unreachable',
  'bug',
]);

/** The message, followed by the advice unless the message already contains it. */
export function withAdvice({ kind, message, advice }: Failure): string {
  const stock = advice === stockAdvice(kind);
  if ((stock && !helpfulAdvice.has(kind)) || message.includes(advice)) return message;
  const stop = /[.!?]$/.test(message) ? '' : '.'; // the upstream's own messages often end without one
  return `${message}${stop} ${advice}`;
}

/** A sentence about when a used-up plan resets, with a leading space; empty if unknown. */
export function resetNote({ details, retryAfterMs }: Failure): string {
  const { resets_at } = details;
  if (typeof resets_at !== 'number' || !isDate(resets_at * 1000) || retryAfterMs === undefined) return '';
  const atMs = resets_at * 1000;
  return ` It resets at ${resetTimeText(atMs, { nowMs: atMs - retryAfterMs })}.`;
}

function isDate(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime());
}

/** In whole seconds, since some clients cannot parse dates or fractions; empty if unknown. */
export function retryAfter({ retryAfterMs }: Failure): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}
