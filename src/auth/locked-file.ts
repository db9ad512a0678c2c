// Saving and deleting a login under the locks of the Codex CLI (reference/upstream-codex.md 3.1): `auth.lock` around
// everything from reading to writing, `auth.json.lock` around the commit.
import { dirname, join } from 'node:path';
import { asFailure, Failure, type FailureKind } from '../failure.ts';
import type { Locks } from './lock.ts';
import {
  type AuthFile,
  loadAuthFile,
  makePrivateDirectory,
  openWriting,
  removeAuthFile,
  stampOf,
  type Writing,
} from './store.ts';

/** Longer than a renewal may take elsewhere. */
const lockWaitMs = 45_000;
/** A commit takes milliseconds. */
const commitWaitMs = 5_000;

/** Runs `work` alone among all who read, renew or delete the login in `path`. */
export function holdLogin<T>(locks: Locks, path: string, work: () => Promise<T>): Promise<T> {
  return locks.hold(join(dirname(path), 'auth.lock'), { mode: 0o666, waitMs: lockWaitMs }, work);
}

/** Replaces the file, for whoever holds the login. */
export function commit(locks: Locks, path: string, writing: Writing, auth: AuthFile): Promise<void> {
  return locks.hold(`${path}.lock`, { mode: 0o600, waitMs: commitWaitMs }, async () => writing.commit(auth));
}

/** Puts a new login into codexd's own store. */
export async function saveLogin(locks: Locks, path: string, auth: AuthFile): Promise<void> {
  try {
    makePrivateDirectory(dirname(path));
    await holdLogin(locks, path, () => commit(locks, path, openWriting(path), auth));
  } catch (thrown) {
    throw cannotWrite('forbidden', path, thrown);
  }
}

/** Deletes codexd's own login after `last` was done with it; says whether there was one. */
export async function removeLogin(
  locks: Locks,
  path: string,
  last: (auth: AuthFile | undefined) => Promise<void>,
): Promise<boolean> {
  if (!stampOf(path)) return false;
  try {
    return await holdLogin(locks, path, async () => {
      // A login that cannot be read can still be deleted.
      await last(readable(path));
      return removeAuthFile(path);
    });
  } catch (thrown) {
    throw cannotWrite('forbidden', path, thrown);
  }
}

function readable(path: string): AuthFile | undefined {
  try {
    return loadAuthFile(path);
  } catch {
    return undefined;
  }
}

/** What the file system refused; Failures stay as they are. */
export function cannotWrite(kind: FailureKind, path: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const code = (thrown as NodeJS.ErrnoException).code;
  if (!code) return asFailure(thrown);
  return new Failure(kind, `Cannot write the login to ${path} (${code}).`, {
    code: 'login_unwritable',
    next: 'Let the user that runs codexd write there.',
    cause: thrown,
  });
}
