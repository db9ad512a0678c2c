// What every dialect's envelope tells of a Failure in the same words.
import { type Failure, type FailureKind, stockAdvice } from '../failure.ts';

/** Kinds whose stock advice tells a client's user something the message does not. */
const helpfulAdvice = new Set<FailureKind>([
  'bad_api_key',
  'forbidden',
  'login_required',
  'upstream_unreachable',
  'bug',
]);

/** The message, and what to do where it does not say so itself. */
export function withAdvice({ kind, message, next }: Failure): string {
  const stock = next === stockAdvice(kind);
  if ((stock && !helpfulAdvice.has(kind)) || message.includes(next)) return message;
  const stop = /[.!?]$/.test(message) ? '' : '.'; // the upstream's own messages often end without one
  return `${message}${stop} ${next}`;
}

/** A sentence of when a used-up plan is good again, after a blank; empty when nobody knows. */
export function resetNote({ details }: Failure): string {
  if (typeof details.resets_at !== 'number') return '';
  const resetsAt = new Date(details.resets_at * 1000);
  return Number.isNaN(resetsAt.getTime()) ? '' : ` It resets at ${resetsAt.toISOString()}.`;
}

/** In whole seconds: a date or a fraction is not read by all (anthropic-api.md, trap 69). No header when nobody knows. */
export function retryAfter({ retryAfterMs }: Failure): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}
