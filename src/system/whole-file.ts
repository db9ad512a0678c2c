// Writes files atomically: the new content goes to a temporary file next to the old one, is synced and renamed into place. A
// short file is never renamed: `write(2)` may write fewer bytes than it is given without an error, e.g. 4096 on a disk with
// one free page (https://man7.org/linux/man-pages/man2/write.2.html, RETURN VALUE).
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** The system calls that tests replace. */
export interface Disk {
  /** Returns the number of bytes written. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  rename(from: string, to: string): void;
}

const systemDisk: Disk = {
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  rename: renameSync,
};

/** Writes all of `bytes` from `position` on, or throws. */
export function writeAll(fd: number, bytes: Uint8Array, position: number, disk = systemDisk): void {
  for (let done = 0; done < bytes.length; ) {
    const written = disk.write(fd, bytes.subarray(done), position + done);
    if (written <= 0) throw noSpaceError();
    done += written;
  }
}

export interface ReplacementOptions {
  mode?: number;
  /** Name of the temporary file, in the directory of the target. */
  temporary?: string;
  disk?: Partial<Disk>;
}

/** The replacement of a file, not yet in place. */
export interface Replacement {
  /** Reserves disk space for `bytes`, so that `commit` cannot run out of it. */
  reserve(bytes: number): void;
  /** Replaces the file in one step. */
  commit(content: string | Uint8Array): void;
  /** Discards the new content. Does nothing after `commit`. */
  abandon(): void;
}

/** Symbolic links are followed: the link stays, and its target is replaced. */
export function openReplacement(path: string, options: ReplacementOptions = {}): Replacement {
  const { mode = 0o600 } = options;
  const disk = { ...systemDisk, ...options.disk };
  const target = resolveLinks(path);
  const temporary = join(dirname(target), options.temporary ?? temporaryName(target));
  const fd = withTargetPath(target, () => openSync(temporary, 'wx', 0o600));
  let isOpen = true;
  const abandon = () => {
    if (!isOpen) return;
    isOpen = false;
    closeSync(fd);
    removeIfExists(temporary);
  };
  return {
    abandon,
    reserve: (bytes) =>
      withTargetPath(target, () => {
        // Random bytes, because compressing file systems do not allocate space for zeros.
        writeAll(fd, randomBytes(bytes), 0, disk);
        fsyncSync(fd);
        if (isMountPoint(target)) padInPlace(target, bytes, disk);
      }),
    commit: (content) =>
      withTargetPath(target, () => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        try {
          writeAll(fd, bytes, 0, disk);
          ftruncateSync(fd, bytes.length);
          fchmodSync(fd, mode);
          fsyncSync(fd);
          try {
            disk.rename(temporary, target);
          } catch (thrown) {
            // A file that is itself a mount point (a container's bind mount) cannot be renamed over, only written.
            if ((thrown as NodeJS.ErrnoException).code !== 'EBUSY') throw thrown;
            writeInPlace(target, bytes, disk);
            return;
          }
          isOpen = false;
          closeSync(fd);
          syncDirectory(dirname(target));
        } finally {
          abandon();
        }
      }),
  };
}

/** Runs `act`; an error names the target instead of the temporary file. */
function withTargetPath<T>(target: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof Error) Object.assign(thrown, { path: target });
    throw thrown;
  }
}

/** Replaces or creates the file. */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplacementOptions = {},
): void {
  openReplacement(path, options).commit(content);
}

/** Like `replaceFile`, without blocking the event loop while the disk syncs. */
export async function saveFile(path: string, text: string, mode = 0o600): Promise<void> {
  const target = resolveLinks(path);
  const temporary = join(dirname(target), temporaryName(target));
  const file = await open(temporary, 'wx', mode);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, done);
      if (bytesWritten <= 0) throw noSpaceError();
      done += bytesWritten;
    }
    await file.sync();
    await file.close();
    await rename(temporary, target);
  } catch (thrown) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** The target of a symbolic link, even if it does not exist yet; any other path unchanged. */
export function resolveLinks(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })) return realpathSync(path);
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? resolveLinks(resolve(realpathSync(dirname(path)), readlinkSync(path))) : path;
}

function temporaryName(target: string): string {
  return `.${basename(target)}.codexd-${crypto.randomUUID()}`;
}

/** Overwrites first and truncates last, so that the file's own blocks suffice. */
function writeInPlace(target: string, bytes: Uint8Array, disk: Disk): void {
  withFile(target, (fd) => {
    writeAll(fd, bytes, 0, disk);
    ftruncateSync(fd, bytes.length);
    fsyncSync(fd);
  });
}

/** Extends the file to at least `bytes` with trailing spaces, which JSON ignores. */
function padInPlace(target: string, bytes: number, disk: Disk): void {
  withFile(target, (fd) => {
    const { size } = fstatSync(fd);
    try {
      if (size < bytes) writeAll(fd, Buffer.alloc(bytes - size, ' '), size, disk);
      fsyncSync(fd);
    } catch (thrown) {
      ftruncateSync(fd, size);
      throw thrown;
    }
  });
}

function withFile(path: string, use: (fd: number) => void): void {
  const fd = openSync(path, 'r+');
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether the file itself is a mount point; detected on Linux only (proc_pid_mountinfo(5)). */
function isMountPoint(path: string): boolean {
  try {
    const escaped = path.replace(
      /[ \t\n\\]/g,
      (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return lines.some((line) => line.split(' ')[4] === escaped);
  } catch {
    return false;
  }
}

/** Makes the rename survive a power failure, on systems that can sync directories. */
function syncDirectory(directory: string): void {
  try {
    const fd = openSync(directory, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {
    // Windows cannot open directories.
  }
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // One call fills at most 65,536 bytes.
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}

/** The error for a `write` that wrote nothing without reporting an error. */
function noSpaceError(): Error {
  return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}

/** Deletes a file; returns false if it did not exist. */
export function removeIfExists(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
