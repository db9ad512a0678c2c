// A failure as stderr shows it: what failed and what to do, for people and for programs.
import { type Failure, type FailureKind, stockAdvice } from '../failure.ts';
import type { Redact } from '../log/redact.ts';
import { resetTimeText } from '../reset-time.ts';
import { paragraph } from './wrap.ts';

export interface FailureStyle {
  /** What failed, when that is not all of codexd: the name of a file. */
  subject?: string;
  nowMs: number;
  /** Default: the machine's. */
  timeZone?: string;
  redact: Redact;
  /** Columns a line may take. */
  width: number;
}

/** Stock advice that is about a request over HTTP; a person at a terminal needs other words, or none. */
const terminalAdvice: Partial<Record<FailureKind, string>> = {
  invalid_request: '',
  upstream_refused: '',
  cancelled: '',
};

export function failureText(failure: Failure, style: FailureStyle): string {
  const { kind, message, cause } = failure;
  const { redact, width, subject = 'codexd' } = style;
  const stack = kind === 'bug' && cause instanceof Error ? `${cause.stack}\n` : '';
  const lines = [`${subject}: ${sentence(message)}`, adviceOf(failure, style)].filter(Boolean);
  // Before lines are broken: a secret in two halves is not recognised.
  return lines.map((line) => paragraph(redact(line), width)).join('') + redact(stack);
}

/** The upstream's own messages often end without a stop. */
function sentence(text: string): string {
  return /[.!?:)]$/.test(text) ? text : `${text}.`;
}

export function failureJson(
  failure: Failure,
  { file, redact, ...style }: Omit<FailureStyle, 'subject' | 'width'> & { file?: string },
): string {
  const { kind, code, message } = failure;
  const retryAt = new Date(style.nowMs + (failure.retryAfterMs ?? Number.NaN));
  const error = {
    ...(file === undefined ? {} : { file }),
    kind,
    code: redact(code ?? kind),
    message: redact(message),
    next: redact(adviceOf(failure, style)),
    ...(Number.isNaN(retryAt.getTime()) ? {} : { retry_at: retryAt.toISOString() }),
  };
  return `${JSON.stringify({ error })}\n`;
}

function adviceOf(failure: Failure, { nowMs, timeZone }: Pick<FailureStyle, 'nowMs' | 'timeZone'>): string {
  const { kind, advice, retryAfterMs } = failure;
  if (kind === 'rate_limited' && retryAfterMs !== undefined && retryAfterMs < longestWaitMs) {
    return retryAdvice(retryAfterMs, nowMs, timeZone);
  }
  return advice === stockAdvice(kind) ? (terminalAdvice[kind] ?? advice) : advice;
}

/** A longer wait is not one that anybody plans with, and may be no date at all. */
const longestWaitMs = 366 * 24 * 3_600_000;

function retryAdvice(waitMs: number, nowMs: number, timeZone: string | undefined): string {
  if (waitMs < 60_000) return `Try again in ${Math.max(1, Math.ceil(waitMs / 1000))} s.`;
  const clock = { nowMs, ...(timeZone === undefined ? {} : { timeZone }) };
  return `Try again at ${resetTimeText(nowMs + waitMs, clock)}. \`codexd status\` shows your limits.`;
}
