// Undoes the last `--write`: restores the newest backup.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../../system/errno.ts';
import { replaceFile, resolveLinks } from '../../system/whole-file.ts';
import { backupPrefix, timestamp } from './config-file.ts';

export interface UndoResult {
  /** The path of the backup that was restored; undefined if `--write` had created the file, which is now deleted. */
  restored: string | undefined;
  /** The path where the undone version was saved, if it contained more than what codexd had written. */
  kept: string | undefined;
}

/** `write` returns what `--write` makes of a text: a version equal to that need not be saved. */
export function undoWrite(path: string, write: (before: string) => string, now: Date): UndoResult {
  const backup = newestBackup(path);
  try {
    if (backup !== undefined) return restore(path, backup, write, now);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== write('')) throw nothingToUndo(path);
    rmSync(resolveLinks(path));
    return { restored: undefined, kept: undefined };
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new Failure('invalid_request', `Cannot restore ${path}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: adviceOf(cause, path),
      cause,
    });
  }
}

function restore(path: string, backup: string, write: (before: string) => string, now: Date): UndoResult {
  const before = readFileSync(backup, 'utf8');
  const { mode } = statSync(backup);
  let kept: string | undefined;
  if (existsSync(path) && readFileSync(path, 'utf8') !== writtenFrom(before, write)) {
    kept = `${path}.codexd-undone-${timestamp(now)}`;
    replaceFile(kept, readFileSync(path), { mode: mode & 0o777 });
  }
  replaceFile(path, readFileSync(backup), { mode: mode & 0o777 });
  rmSync(backup);
  return { restored: backup, kept };
}

function writtenFrom(before: string, write: (before: string) => string): string | undefined {
  try {
    return write(before);
  } catch {
    return undefined;
  }
}

function newestBackup(path: string): string | undefined {
  const directory = dirname(path);
  if (!existsSync(directory)) return undefined;
  const prefix = basename(backupPrefix(path));
  const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
  const newest = names.sort().at(-1);
  return newest === undefined ? undefined : join(directory, newest);
}

function nothingToUndo(path: string): Failure {
  return new Failure('not_found', `Nothing to undo: ${path} has no backup.`, {
    code: 'no_backup',
    advice: 'If the file mentions codexd, edit it by hand.',
  });
}
