// The failure for a path that a person named, but that does not exist.
import { Failure } from '../failure.ts';

export function noSuchFile(path: string, cause?: unknown): Failure {
  return new Failure('not_found', `No such file: ${path}.`, {
    code: 'no_such_file',
    advice: 'Check the path.',
    ...(cause === undefined ? {} : { cause }),
  });
}
