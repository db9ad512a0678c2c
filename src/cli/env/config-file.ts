// Replaces a client's configuration file: a copy of the old one is kept beside it, readers never see half a file, and a
// link stays a link.
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../../failure.ts';

export interface Replacement {
  /** The file as the user knows it; it may be a link. */
  path: string;
  text: string;
  /** Undefined when there is no file yet. */
  before: string | undefined;
  /** Nobody but the user may read it: a key stands in it. */
  isPrivate: boolean;
  now: Date;
}

export interface Replaced {
  changed: boolean;
  /** Where the old file is kept, when there was one. */
  backup: string | undefined;
}

export function replaceFile({ path, text, before, isPrivate, now }: Replacement): Replaced {
  try {
    const old = statSync(path, { throwIfNoEntry: false });
    const mode = (old?.mode ?? 0o600) & (isPrivate ? 0o700 : 0o777);
    if (text === before) {
      if (old && (old.mode & 0o777) !== mode) chmodSync(path, mode);
      return { changed: false, backup: undefined };
    }
    const backup = old && `${path}.codexd-backup-${stamp(now)}`;
    if (backup !== undefined) copy(path, backup, mode);
    write(targetOf(path), text, mode);
    return { changed: true, backup };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new Failure('invalid_request', `${path} cannot be written (${code}).`, {
      code: 'unwritable_file',
      next: 'Check its permissions, or run the command without --write and put in by hand what it prints.',
      cause,
    });
  }
}

/** A copy of what may hold an older key is as closed as the file itself. */
function copy(path: string, backup: string, mode: number): void {
  copyFileSync(path, backup, constants.COPYFILE_EXCL);
  chmodSync(backup, mode);
}

function write(target: string, text: string, mode: number): void {
  const directory = dirname(target);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const temporary = join(directory, `.${basename(target)}.codexd-${crypto.randomUUID()}`);
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
    chmodSync(temporary, mode);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Where the link leads, also when there is nothing yet. */
function targetOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })) return realpathSync(path);
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path))) : path;
}

/** `20261120T184705123Z` */
function stamp(now: Date): string {
  return now.toISOString().replace(/[-:.]/g, '');
}
