// What a program said of its failure, as one short line that may be shown.

import { Failure } from '../../failure.ts';
import { maxTextLength, redact } from '../../log/redact.ts';
import { publicModel, withoutDirectories } from '../paths.ts';

const longest = 300;

/** Of a Python traceback, in which the lines of code are for its authors, what was raised; else all of the text. */
function withoutFrames(text: string): string {
  const [, ...lines] = text.slice(text.lastIndexOf('Traceback (most recent call last):')).split(/\r?\n/);
  const raised = /Traceback/.test(text) ? lines.find((line) => /^\S/.test(line)) : undefined;
  return raised?.replace(/^(?:ModuleNotFound|Import)Error: /, '') ?? text;
}

/** The end of `text` without colours, line breaks, credentials, `hidden` and directories, clipped by characters. */
export function complaint(text: string, hidden: readonly string[] = []): string {
  let line = withoutFrames(text.slice(-maxTextLength));
  for (const path of hidden) if (path.length > 1) line = line.replaceAll(path, '…');
  const plain = Bun.stripANSI(line)
    .replaceAll('\ufffd', '')
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\s+/g, ' ');
  const characters = [...redact(withoutDirectories(plain).trim())];
  return characters.length <= longest ? characters.join('') : `…${characters.slice(-longest).join('')}`;
}

/** The engine ran and gave nothing that can be used. */
export function engineFailed(engine: string, said: string, options: { retry?: boolean } = {}): Failure {
  const told = said === '' ? '.' : `: ${said}`;
  return new Failure('upstream_broke', `The speech engine ${engine} gave no transcript${told}`, {
    code: 'engine_failed',
    advice: 'Check the recording and the model, or choose another engine.',
    retry: false,
    ...options,
  });
}

/** The engine cannot run here as things are. */
export function engineUnavailable(engine: string, why: string, fix: string): Failure {
  return new Failure(
    'unavailable',
    `The speech engine ${engine} cannot be used: ${withoutDirectories(why)}.`,
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
    advice: 'Send less at once, take a smaller model, or raise the limit.',
    retry: false,
  });
}

/** The engine does not have the model. */
export function unknownModel(engine: string, model: string, advice: string): Failure {
  const name = publicModel(model).slice(0, 100);
  return new Failure('not_found', `The speech engine ${engine} has no model \`${name}\`.`, {
    code: 'model_not_found',
    param: 'model',
    advice: withoutDirectories(advice),
  });
}
