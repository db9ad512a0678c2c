// flock(2) through bun:ffi, without blocking: what the Codex CLI locks its login with.
import { dlopen, read } from 'bun:ffi';

const LOCK_EX = 2;
const LOCK_NB = 4;

export type FlockOutcome = 'locked' | 'busy' | 'unsupported';
/** Tries once for the exclusive lock of an open file. Closing the file gives it back. */
export type Flock = (fd: number) => FlockOutcome;

interface Platform {
  libraries: string[];
  errno: '__errno_location' | '__error';
  /** No such call on this system or this file system. */
  unsupported: number[];
}

const platforms: Partial<Record<NodeJS.Platform, Platform>> = {
  linux: {
    libraries: ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'],
    errno: '__errno_location',
    unsupported: [22, 37, 38, 95], // EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP
  },
  darwin: {
    libraries: ['libSystem.B.dylib'],
    errno: '__error',
    unsupported: [22, 45, 77, 78, 102], // EINVAL, ENOTSUP, ENOLCK, ENOSYS, EOPNOTSUPP
  },
};

/** The system's flock, or undefined where there is none that we can call (Windows, a libc under another name). */
export function loadFlock(platform: NodeJS.Platform): Flock | undefined {
  const known = platforms[platform];
  if (!known) return undefined;
  for (const library of known.libraries) {
    const flock = bind(library, known);
    if (flock) return flock;
  }
  return undefined;
}

function bind(library: string, known: Platform): Flock | undefined {
  const libc = open(library, known.errno);
  if (!libc) return undefined;
  return (fd) => {
    if (libc.symbols.flock(fd, LOCK_EX | LOCK_NB) === 0) return 'locked';
    const at = libc.symbols[known.errno]?.();
    const errno = at ? read.i32(at, 0) : 0;
    if (known.unsupported.includes(errno)) return 'unsupported';
    // Held by another, or interrupted, or an errno we do not know: that must not turn a held lock into none.
    return 'busy';
  };
}

function open(library: string, errno: Platform['errno']) {
  try {
    return dlopen(library, {
      flock: { args: ['i32', 'i32'], returns: 'i32' },
      [errno]: { args: [], returns: 'ptr' },
    } as const);
  } catch {
    return undefined;
  }
}
