// Advisory file locks between all that may refresh the same login: concurrent requests, other codexd processes and the
// Codex CLI. Waiting polls a non-blocking flock, so that the event loop is never blocked.
import { closeSync, openSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { Failure } from '../failure.ts';
import { isAlive } from '../system/process-identity.ts';
import { writeAll } from '../system/whole-file.ts';
import { type Flock, loadFlock } from './flock.ts';

export interface Locks {
  /** Runs `work` while holding the lock file `path`, which is created if missing. Throws `login_locked` after `waitMs`. */
  hold<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T>;
}

export interface LockOptions {
  platform: NodeJS.Platform;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Replaces the system's flock; null for a system without one. */
  flock?: Flock | null;
}

const pollMs = 50;
/** A lock file without a process ID is abandoned after this: its writer died before writing it. */
const unsignedMs = 10_000;

/** Releases the lock. */
type Release = () => void;

export function createLocks(options: LockOptions): Locks {
  // Loaded with the first lock: most commands never need one.
  let found: { flock: Flock | null } | undefined;
  const tryOnce = (path: string): Release | undefined => {
    found ??= { flock: options.flock === undefined ? (loadFlock(options.platform) ?? null) : options.flock };
    return found.flock ? tryFlock(found.flock, path, options.now) : tryLockFile(`${path}.pid`, options.now);
  };
  return {
    async hold(path, waitMs, work) {
      const release = await acquire(() => tryOnce(path), path, waitMs, options);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}

async function acquire(
  tryOnce: () => Release | undefined,
  path: string,
  waitMs: number,
  { now, sleep }: LockOptions,
): Promise<Release> {
  const deadlineMs = now() + waitMs;
  for (;;) {
    const release = tryOnce();
    if (release) return release;
    if (now() >= deadlineMs) {
      throw new Failure('unavailable', `Timed out waiting for ${path}, which another program has locked.`, {
        code: 'login_locked',
        advice: 'Try again; if this persists, stop the program that is logging in or refreshing a login.',
      });
    }
    await sleep(pollMs);
  }
}

function tryFlock(flock: Flock, path: string, now: () => number): Release | undefined {
  const fd = openSync(path, 'a', 0o600);
  const outcome = flock(fd);
  if (outcome === 'locked') return () => closeSync(fd);
  closeSync(fd);
  return outcome === 'busy' ? undefined : tryLockFile(`${path}.pid`, now);
}

/**
 * The fallback without flock (Windows, some network file systems): a file with the process ID of its creator, who alone may
 * remove it. It works between codexd processes only; the Codex CLI ignores it.
 */
function tryLockFile(path: string, now: () => number): Release | undefined {
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeAll(fd, Buffer.from(String(process.pid)), 0);
    } finally {
      closeSync(fd);
    }
    return () => removeQuietly(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  if (isAbandoned(path, now)) removeQuietly(path);
  return undefined;
}

function isAbandoned(path: string, now: () => number): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return now() - statSync(path).mtimeMs > unsignedMs;
  } catch {
    return false;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another process removed it first.
  }
}
