// Saving and deleting a login under the locks of the Codex CLI: `auth.lock` around
// everything from reading to writing, `auth.json.lock` around the commit.
import { dirname, join } from 'node:path';
import { asFailure, Failure, type FailureKind } from '../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';
import type { Locks } from './lock.ts';
import {
  type AuthFile,
  loadAuthFile,
  makePrivateDirectory,
  openWriting,
  setLoginAside,
  stampOf,
  type Writing,
} from './store.ts';

/** Longer than a renewal may take elsewhere. */
const lockWaitMs = 45_000;
/** A commit takes milliseconds. */
const commitWaitMs = 5_000;

/** Runs `work` alone among all who read, renew or delete the login in `path`. */
export function holdLogin<T>(locks: Locks, path: string, work: () => Promise<T>): Promise<T> {
  return locks.hold(join(dirname(path), 'auth.lock'), lockWaitMs, work);
}

/** Secures all that `commit` will need on disk, its lock file too. For whoever holds the login. */
export function prepareCommit(locks: Locks, path: string): Promise<Writing> {
  return locks.hold(`${path}.lock`, commitWaitMs, async () => openWriting(path));
}

/** Replaces the file. For whoever holds the login. */
export function commit(locks: Locks, path: string, writing: Writing, auth: AuthFile): Promise<void> {
  return locks.hold(`${path}.lock`, commitWaitMs, async () => writing.commit(auth));
}

/** Whether a new login could be saved now: asked before anybody is sent to a browser. Throws when it could not. */
export async function checkLoginCanBeSaved(locks: Locks, path: string): Promise<void> {
  try {
    makePrivateDirectory(dirname(path));
    await holdLogin(locks, path, async () => (await prepareCommit(locks, path)).abandon());
  } catch (thrown) {
    throw cannotWrite('forbidden', path, thrown);
  }
}

/**
 * Puts a new login into codexd's own store. What it is made from can be spent only once, so `make` runs when its place on
 * disk is secured; its failures stay as they are.
 */
export async function saveLogin(
  locks: Locks,
  path: string,
  make: () => AuthFile | Promise<AuthFile>,
): Promise<AuthFile> {
  try {
    makePrivateDirectory(dirname(path));
    return await holdLogin(locks, path, async () => {
      const writing = await prepareCommit(locks, path);
      try {
        const auth = await make();
        await commit(locks, path, writing, auth);
        return auth;
      } finally {
        writing.abandon();
      }
    });
  } catch (thrown) {
    throw cannotWrite('forbidden', path, thrown);
  }
}

/** Deletes codexd's own login and calls `last` with it; says whether there was one. */
export async function removeLogin(
  locks: Locks,
  path: string,
  last: (auth: AuthFile | undefined) => Promise<void>,
): Promise<boolean> {
  try {
    if (!stampOf(path)) return false;
    return await holdLogin(locks, path, async () => {
      // A login that cannot be read can still be deleted.
      const auth = readable(path);
      const deleteIt = setLoginAside(path);
      if (deleteIt === undefined) return false;
      try {
        await last(auth);
      } finally {
        deleteIt();
      }
      return true;
    });
  } catch (thrown) {
    throw cannotDelete(path, thrown);
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
  return refused(kind, `Cannot write the login to ${path}`, path, thrown);
}

function cannotDelete(path: string, thrown: unknown): Failure {
  return refused('forbidden', `Cannot delete the login in ${path}`, path, thrown);
}

function refused(kind: FailureKind, what: string, path: string, thrown: unknown): Failure {
  if (thrown instanceof Failure || errnoOf(thrown) === undefined) return asFailure(thrown);
  return new Failure(kind, `${what}: ${reasonOf(thrown)}.`, {
    code: 'login_unwritable',
    advice: adviceOf(thrown, dirname(path)),
    cause: thrown,
  });
}
