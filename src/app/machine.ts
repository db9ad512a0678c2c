// What the settings are loaded from on a real machine: the home directory and text files.
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { Failure } from '../failure.ts';
import { readTextFile } from '../system/bounded-file.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';

/** A container may run as a user without an entry in the user database. */
export function homeDirectory(): string {
  const advice = 'Set HOME to a directory that codexd may write to.';
  let home: string;
  try {
    home = homedir();
  } catch (cause) {
    throw new Failure(
      'forbidden',
      `Cannot find a home directory: HOME is not set, and user ${process.getuid?.()} has no entry in the user database.`,
      { code: 'no_home', advice, cause },
    );
  }
  if (!isAbsolute(home)) {
    throw new Failure('forbidden', `HOME is not an absolute path: "${home}".`, { code: 'no_home', advice });
  }
  return home;
}

/** The file's text; undefined if there is no such file. */
export function readSettingsFile(path: string): string | undefined {
  try {
    return readTextFile(path);
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('invalid_request', `Cannot read ${path}: ${reasonOf(thrown)}.`, {
      code: 'unreadable_file',
      advice: adviceOf(thrown, path),
      cause: thrown,
    });
  }
}
