// Failures of speech programs and servers, and error messages that are safe to show.

import { Failure } from '../../failure.ts';
import { maxTextLength, redact } from '../../log/redact.ts';
import { publicModel, withoutDirectories } from '../paths.ts';

const maxCharacters = 300;

/** Reduces a Python traceback to the exception; other text stays unchanged. */
function lastException(text: string): string {
  const [, ...lines] = text.slice(text.lastIndexOf('Traceback (most recent call last):')).split(/\r?\n/);
  const raised = /Traceback/.test(text) ? lines.find((line) => /^\S/.test(line)) : undefined;
  return raised?.replace(/^(?:ModuleNotFound|Import)Error: /, '') ?? text;
}

/** The last 300 characters of `text` as one line, without colours, credentials, directories and the texts in `hidden`. */
export function errorExcerpt(text: string, hidden: readonly string[] = []): string {
  let line = lastException(text.slice(-maxTextLength));
  for (const path of hidden) if (path.length > 1) line = line.replaceAll(path, '…');
  const plain = Bun.stripANSI(line)
    .replaceAll('\ufffd', '')
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\s+/g, ' ');
  const characters = [...redact(withoutDirectories(plain).trim())];
  return characters.length <= maxCharacters
    ? characters.join('')
    : `…${characters.slice(-maxCharacters).join('')}`;
}

/** The engine ran and returned no usable transcript. */
export function engineFailed(engine: string, reason: string, options: { retry?: boolean } = {}): Failure {
  const ending = reason === '' ? '.' : `: ${reason}`;
  return new Failure('upstream_broke', `The speech engine ${engine} returned no transcript${ending}`, {
    code: 'engine_failed',
    advice: 'Check the recording and the model, or choose another engine.',
    retry: false,
    ...options,
  });
}

/** The engine is not installed or not configured completely. */
export function engineUnavailable(engine: string, why: string, fix: string): Failure {
  return new Failure(
    'unavailable',
    `The speech engine ${engine} is not available: ${withoutDirectories(why)}.`,
    {
      code: 'engine_unavailable',
      advice: fix,
      retry: false,
    },
  );
}

export function engineTimeout(engine: string, timeoutMs: number): Failure {
  return new Failure('timeout', `The speech engine ${engine} took longer than ${timeoutMs / 1000} seconds.`, {
    code: 'engine_timeout',
    advice: 'Send a shorter recording, use a smaller model, or raise `transcription.engine_timeout_seconds`.',
    retry: false,
  });
}

export function unknownModel(engine: string, model: string, advice: string): Failure {
  const name = publicModel(model).slice(0, 100);
  return new Failure('not_found', `The speech engine ${engine} does not have the model \`${name}\`.`, {
    code: 'model_not_found',
    param: 'model',
    advice: withoutDirectories(advice),
  });
}
