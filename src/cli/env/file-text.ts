// A client's configuration file as a text to be edited.
import { Failure } from '../../failure.ts';

/** An absent file has no text. */
export interface FileText {
  path: string;
  text: string;
}

/** `why` completes "cannot be edited: it …" and quotes nothing of the file, which may hold secrets. */
export function notEditable(path: string, why: string): Failure {
  return new Failure('invalid_request', `${path} cannot be edited: it ${why}.`, {
    code: 'invalid_client_config',
    advice: 'Correct it, or run the command without --write and paste its output into the file.',
  });
}

export function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
