// The text of a client's configuration file, to be edited.
import { Failure } from '../../failure.ts';

/** The text of a missing file is empty. */
export interface FileText {
  path: string;
  text: string;
}

const fixAdvice = 'Fix the file, or run the command without --write and paste its output into the file.';

/** `reason` completes "Cannot edit FILE: it …". It must not quote the file, which may contain secrets. */
export function notEditable(path: string, reason: string, advice = fixAdvice): Failure {
  return new Failure('invalid_request', `Cannot edit ${path}: it ${reason}.`, {
    code: 'invalid_client_config',
    advice,
  });
}

export function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
