// Describes error codes of the operating system (errno(3)).

const reasons = new Map([
  ['EACCES', 'permission denied'],
  ['EAGAIN', 'resource temporarily unavailable'],
  ['EBADF', 'it is closed'],
  ['EBUSY', 'it is in use'],
  ['ECONNREFUSED', 'connection refused'],
  ['EDQUOT', 'disk quota exceeded'],
  ['EEXIST', 'it already exists'],
  ['EFBIG', 'file too large'],
  ['EIO', 'input/output error'],
  ['EISDIR', 'it is a directory'],
  ['ELOOP', 'too many levels of symbolic links'],
  ['EMFILE', 'too many open files'],
  ['ENAMETOOLONG', 'name too long'],
  ['ENFILE', 'too many open files'],
  ['ENODATA', 'nothing writes to that pipe'],
  ['ENOENT', 'no such file or directory'],
  ['ENOSPC', 'no space left on device'],
  ['ENOTDIR', 'not a directory'],
  ['ENXIO', 'no such device or address'],
  ['EPERM', 'operation not permitted'],
  ['EPIPE', 'broken pipe'],
  ['EROFS', 'read-only file system'],
  ['ERR_INVALID_ARG_VALUE', 'invalid name'],
]);

/** The code of an operating system error, e.g. `ENOSPC`; undefined for anything else. */
export function errnoOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^E[A-Z0-9_]{2,40}$/.test(code) ? code : undefined;
}

/** A description such as `no space left on device`; the code itself if it is not in the list. */
export function reasonOf(thrown: unknown): string {
  const code = errnoOf(thrown);
  return code === undefined ? 'unknown error' : (reasons.get(code) ?? code);
}

/** What to do about it. `fallbackPath` is named if the error does not contain a path. */
export function adviceOf(thrown: unknown, fallbackPath: string): string {
  const code = errnoOf(thrown);
  const path = (thrown as NodeJS.ErrnoException).path ?? fallbackPath;
  if (code === 'ENOSPC') return 'Free some space on that disk and try again.';
  if (code === 'EDQUOT') return 'Free some of your disk quota and try again.';
  if (code === 'EROFS') return 'Choose a writable path.';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'Check the path and create the missing directory.';
  if (code === 'ENODATA') return 'Start the program that writes to it, or pass a regular file.';
  if (code === 'ELOOP') return `Remove the symbolic link ${path}.`;
  if (code === 'EISDIR') return `${path} must be a file.`;
  if (code === 'ERR_INVALID_ARG_VALUE' || code === 'EFBIG') return 'Correct the path.';
  return `Check the permissions of ${path}.`;
}
