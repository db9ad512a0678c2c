// The failure of a path given on the command line that leads nowhere.
import { Failure } from '../failure.ts';

export function noSuchFile(path: string, cause?: unknown): Failure {
  return new Failure('not_found', `There is no file ${path}.`, {
    code: 'no_such_file',
    advice: 'Check the path.',
    ...(cause === undefined ? {} : { cause }),
  });
}
