// Saves and deletes a login under the locks of the Codex CLI: `auth.lock` from reading to writing, `auth.json.lock` around
// the commit.
import { dirname, join } from 'node:path';
import { asFailure, Failure, type FailureKind } from '../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';
import type { Locks } from './lock.ts';
import {
  type AuthFile,
  type AuthFileWriter,
  fileStamp,
  loadAuthFile,
  makePrivateDirectory,
  moveLoginAside,
  openAuthFileWriter,
} from './store.ts';

/** Longer than a refresh by another process may take. */
const lockWaitMs = 45_000;
/** A commit takes milliseconds. */
const commitWaitMs = 5_000;

/** Runs `work` while no other process refreshes, replaces or deletes the login in `path`. */
export function withLoginLock<T>(locks: Locks, path: string, work: () => Promise<T>): Promise<T> {
  return locks.hold(join(dirname(path), 'auth.lock'), lockWaitMs, work);
}

/** Reserves all that `commit` will need on disk, including its lock file. Call it inside `withLoginLock`. */
export function prepareCommit(locks: Locks, path: string): Promise<AuthFileWriter> {
  return locks.hold(`${path}.lock`, commitWaitMs, async () => openAuthFileWriter(path));
}

/** Replaces the file. Call it inside `withLoginLock`. */
export function commit(locks: Locks, path: string, writer: AuthFileWriter, auth: AuthFile): Promise<void> {
  return locks.hold(`${path}.lock`, commitWaitMs, async () => writer.commit(auth));
}

/** Throws if a new login cannot be saved: checked before the user is sent to a browser. */
export async function ensureLoginCanBeSaved(locks: Locks, path: string): Promise<void> {
  try {
    makePrivateDirectory(dirname(path));
    await withLoginLock(locks, path, async () => (await prepareCommit(locks, path)).abandon());
  } catch (thrown) {
    throw writeFailure('forbidden', path, thrown);
  }
}

/**
 * Saves a new login in codexd's own file. Its authorization code works only once, so `create` runs after the disk space is
 * reserved; what `create` throws is passed on.
 */
export async function saveLogin(
  locks: Locks,
  path: string,
  create: () => AuthFile | Promise<AuthFile>,
): Promise<AuthFile> {
  try {
    makePrivateDirectory(dirname(path));
    return await withLoginLock(locks, path, async () => {
      const writer = await prepareCommit(locks, path);
      try {
        const auth = await create();
        await commit(locks, path, writer, auth);
        return auth;
      } finally {
        writer.abandon();
      }
    });
  } catch (thrown) {
    throw writeFailure('forbidden', path, thrown);
  }
}

/** Deletes codexd's own login after calling `beforeDelete` with it. Returns false if there was none. */
export async function removeLogin(
  locks: Locks,
  path: string,
  beforeDelete: (auth: AuthFile | undefined) => Promise<void>,
): Promise<boolean> {
  try {
    if (!fileStamp(path)) return false;
    return await withLoginLock(locks, path, async () => {
      // An unreadable login can still be deleted.
      const auth = loadIfReadable(path);
      const deleteIt = moveLoginAside(path);
      if (deleteIt === undefined) return false;
      try {
        await beforeDelete(auth);
      } finally {
        deleteIt();
      }
      return true;
    });
  } catch (thrown) {
    throw deleteFailure(path, thrown);
  }
}

function loadIfReadable(path: string): AuthFile | undefined {
  try {
    return loadAuthFile(path);
  } catch {
    return undefined;
  }
}

/** A file system error as a Failure; a Failure unchanged. */
export function writeFailure(kind: FailureKind, path: string, thrown: unknown): Failure {
  return fileFailure(kind, `Cannot write the login to ${path}`, path, thrown);
}

function deleteFailure(path: string, thrown: unknown): Failure {
  return fileFailure('forbidden', `Cannot delete the login in ${path}`, path, thrown);
}

function fileFailure(kind: FailureKind, what: string, path: string, thrown: unknown): Failure {
  if (thrown instanceof Failure || errnoOf(thrown) === undefined) return asFailure(thrown);
  return new Failure(kind, `${what}: ${reasonOf(thrown)}.`, {
    code: 'login_unwritable',
    advice: adviceOf(thrown, dirname(path)),
    cause: thrown,
  });
}
