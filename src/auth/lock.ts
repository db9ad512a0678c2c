// Advisory locks on files, for everybody who may refresh the same login: other tasks, other codexd processes and the
// Codex CLI. Waiting polls a non-blocking flock, so that the event loop stays free.
import { closeSync, openSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { Failure } from '../failure.ts';
import { writeFully } from '../system/whole-file.ts';
import { type Flock, loadFlock } from './flock.ts';

export interface Locks {
  /** Runs `work` while holding the lock of `path`, a file that is made when it is not there. */
  hold<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T>;
}

export interface LockOptions {
  platform: NodeJS.Platform;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Instead of the system's; null for a system without. */
  flock?: Flock | null;
}

const pollMs = 50;
/** A lock file whose writer died before it could sign it is given up after this. */
const unsignedMs = 10_000;

/** Gives the lock back. */
type Release = () => void;

export function createLocks(options: LockOptions): Locks {
  // Looked up with the first lock and not before: most commands never need one.
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
      throw new Failure('unavailable', `Another program keeps ${path} locked.`, {
        code: 'login_locked',
        advice: 'Try again; if it stays, stop the program that is logging in or refreshing a login.',
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
 * The way round where flock is missing (Windows, some network file systems): a file that only its maker may remove,
 * signed with the maker's process id. It keeps codexd's own processes apart; the Codex CLI does not look at it.
 */
function tryLockFile(path: string, now: () => number): Release | undefined {
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeFully(fd, Buffer.from(String(process.pid)), 0);
    } finally {
      closeSync(fd);
    }
    return () => removeIfThere(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  if (isAbandoned(path, now)) removeIfThere(path);
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

/** Whether there is such a process, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else found it abandoned first.
  }
}
