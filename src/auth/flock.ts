// Non-blocking flock(2) through bun:ffi: the lock that the Codex CLI uses for its login.
import { dlopen, read } from 'bun:ffi';

const LOCK_EX = 2;
const LOCK_NB = 4;

export type FlockOutcome = 'locked' | 'busy' | 'unsupported';
/** Tries once to take the exclusive lock of an open file. Closing the file releases it. */
export type Flock = (fd: number) => FlockOutcome;

interface Platform {
  libraries: string[];
  errno: '__errno_location' | '__error';
  /** Errors that mean this system or file system has no flock. */
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

/** The system's flock, or undefined if it cannot be called (Windows, an unknown libc). */
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
    // Held by another process, interrupted, or an unknown error, which must not be taken for an unsupported lock.
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
