// Renders a Failure for stderr: what failed and what to do, as text or as JSON.
import { type Failure, type FailureKind, stockAdvice } from '../failure.ts';
import type { Redact } from '../log/redact.ts';
import { resetTimeText } from '../reset-time.ts';
import { paragraph } from './wrap.ts';

export interface FailureStyle {
  /** The file that failed: printed in front of a message that does not name it. */
  subject?: string;
  nowMs: number;
  /** Defaults to the machine's. */
  timeZone?: string;
  redact: Redact;
  /** Maximum columns per line. */
  width: number;
}

/** Replaces stock advice that is written for HTTP clients. */
const terminalAdvice: Partial<Record<FailureKind, string>> = {
  invalid_request: '',
  upstream_refused: '',
  cancelled: '',
};

export function failureText(failure: Failure, style: FailureStyle): string {
  const { kind, message, cause } = failure;
  const { redact, width } = style;
  const subject = style.subject === undefined || names(message, style.subject) ? 'codexd' : style.subject;
  const stack = kind === 'bug' && cause instanceof Error ? `${cause.stack}\n` : '';
  const lines = [`${subject}: ${sentence(message)}`, adviceOf(failure, style)].filter(Boolean);
  // Redact before wrapping: a secret broken across two lines would not be recognised.
  return lines.map((line) => paragraph(redact(line), width)).join('') + redact(stack);
}

/** Whether the message already names the file, as in `No such file: a.wav.` or `Cannot read a.wav: permission denied.` */
function names(message: string, file: string): boolean {
  return message.includes(` ${file}:`) || message.endsWith(` ${file}.`);
}

/** The upstream's own messages often end without a full stop. */
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

/** A longer wait is useless to a person, and may exceed the range of Date. */
const longestWaitMs = 366 * 24 * 3_600_000;

function retryAdvice(waitMs: number, nowMs: number, timeZone: string | undefined): string {
  if (waitMs < 60_000) return `Try again in ${Math.max(1, Math.ceil(waitMs / 1000))} s.`;
  const clock = { nowMs, ...(timeZone === undefined ? {} : { timeZone }) };
  return `Try again at ${resetTimeText(nowMs + waitMs, clock)}. \`codexd status\` shows your limits.`;
}
