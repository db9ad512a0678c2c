// What every dialect's envelope says about a Failure in the same words.
import { type Failure, type FailureKind, stockAdvice } from '../failure.ts';
import { resetTimeText } from '../reset-time.ts';

/** Kinds whose stock advice tells a client's user something the message does not. */
const helpfulAdvice = new Set<FailureKind>([
  'bad_api_key',
  'forbidden',
  'login_required',
  'upstream_unreachable',
  'bug',
]);

/** The message, and what to do where it does not say so itself. */
export function withAdvice({ kind, message, advice }: Failure): string {
  const stock = advice === stockAdvice(kind);
  if ((stock && !helpfulAdvice.has(kind)) || message.includes(advice)) return message;
  const stop = /[.!?]$/.test(message) ? '' : '.'; // the upstream's own messages often end without one
  return `${message}${stop} ${advice}`;
}

/** A sentence that says when a used-up plan resets, after a blank; empty when the failure does not say. */
export function resetNote({ details, retryAfterMs }: Failure): string {
  const { resets_at } = details;
  if (typeof resets_at !== 'number' || !isDate(resets_at * 1000) || retryAfterMs === undefined) return '';
  const atMs = resets_at * 1000;
  return ` It resets at ${resetTimeText(atMs, { nowMs: atMs - retryAfterMs })}.`;
}

function isDate(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime());
}

/** In whole seconds: some clients cannot read a date or a fraction. No header when nobody knows. */
export function retryAfter({ retryAfterMs }: Failure): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}
