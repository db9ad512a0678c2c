// Replaces a client's configuration file: saves the old one beside it, never lets readers see half a file, and keeps a
// symbolic link a link.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../../system/errno.ts';
import { replaceFile, resolveLinks } from '../../system/whole-file.ts';

export interface ConfigReplacement {
  /** May be a symbolic link. */
  path: string;
  text: string;
  /** The current text; undefined if there is no file yet. */
  before: string | undefined;
  /** The text contains a key, so only the user may read the file. */
  isPrivate: boolean;
  now: Date;
}

export interface ReplaceResult {
  changed: boolean;
  /** The path of the saved old file, if there was one. */
  backup: string | undefined;
}

export function replaceConfigFile({ path, text, before, isPrivate, now }: ConfigReplacement): ReplaceResult {
  try {
    const old = statSync(path, { throwIfNoEntry: false });
    const mode = (old?.mode ?? 0o600) & (isPrivate ? 0o700 : 0o777);
    if (text === before) {
      if (old && (old.mode & 0o777) !== mode) chmodSync(path, mode);
      return { changed: false, backup: undefined };
    }
    const backup = old && backupPrefix(path) + timestamp(now);
    if (backup !== undefined) copy(path, backup, mode);
    mkdirSync(dirname(resolveLinks(path)), { recursive: true, mode: 0o700 });
    replaceFile(path, text, { mode });
    return { changed: true, backup };
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new Failure('invalid_request', `Cannot write ${path}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: `${adviceOf(cause, path)} Or run the command without --write and paste its output into the file.`,
      cause,
    });
  }
}

/** The common prefix of the paths of all backups of the file. */
export function backupPrefix(path: string): string {
  return `${path}.codexd-backup-`;
}

/** The backup may contain an older key, so it is as private as the file itself. */
function copy(path: string, backup: string, mode: number): void {
  if (existsSync(backup)) throw Object.assign(new Error('exists'), { code: 'EEXIST', path: backup });
  replaceFile(backup, readFileSync(path), { mode });
}

/** `20261120T184705123Z` */
export function timestamp(now: Date): string {
  return now.toISOString().replace(/[-:.]/g, '');
}
