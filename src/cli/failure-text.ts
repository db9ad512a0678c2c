// How a failure is told on stderr, for people and for programs (product.md 11).
import type { Failure } from '../failure.ts';
import { redact } from '../log.ts';

/** `subject` is what failed, where that is not all of codexd: the name of a file. */
export function failureText({ kind, message, next, cause }: Failure, subject = 'codexd'): string {
  const stack = kind === 'bug' && cause instanceof Error ? `${cause.stack}\n` : '';
  return redact(`${subject}: ${message}\n${next}\n${stack}`);
}

export function failureJson({ kind, code, message, next }: Failure, about: { file?: string } = {}): string {
  return redact(`${JSON.stringify({ error: { ...about, kind, code: code ?? kind, message, next } })}\n`);
}
