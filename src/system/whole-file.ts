// Files that readers see whole or not at all. The new content goes to a temporary file beside the old one, is synced and
// renamed into place; what is short is never renamed. `write(2)` may take fewer bytes than it is given, without an
// error: on a disk with one free page it takes 4096 (https://man7.org/linux/man-pages/man2/write.2.html, RETURN VALUE).
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

/** The system calls a test may want to fail. */
export interface Disk {
  /** How many bytes it took. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  rename(from: string, to: string): void;
}

const systemDisk: Disk = {
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  rename: renameSync,
};

/** Writes all of `bytes` from `position` on, or throws. */
export function writeFully(fd: number, bytes: Uint8Array, position: number, disk = systemDisk): void {
  for (let done = 0; done < bytes.length; ) {
    const taken = disk.write(fd, bytes.subarray(done), position + done);
    if (taken <= 0) throw noSpace();
    done += taken;
  }
}

export interface ReplacementOptions {
  mode?: number;
  /** Name of the temporary file, in the directory of the target. */
  temporary?: string;
  disk?: Partial<Disk>;
}

/** A file that is about to be replaced. */
export interface Replacement {
  /** Takes the disk space for a content of `bytes` now, so that `commit` will not lack it. */
  reserve(bytes: number): void;
  /** Replaces the file in one step. */
  commit(content: string | Uint8Array): void;
  /** Leaves everything as it was. Does nothing after `commit`. */
  abandon(): void;
}

/** Links are followed: a file that is kept under a symbolic link stays there. */
export function openReplacement(path: string, options: ReplacementOptions = {}): Replacement {
  const { mode = 0o600 } = options;
  const disk = { ...systemDisk, ...options.disk };
  const target = targetOf(path);
  const temporary = join(dirname(target), options.temporary ?? temporaryName(target));
  const fd = attempt(target, () => openSync(temporary, 'wx', 0o600));
  let isOpen = true;
  const abandon = () => {
    if (!isOpen) return;
    isOpen = false;
    closeSync(fd);
    removeIfThere(temporary);
  };
  return {
    abandon,
    reserve: (bytes) =>
      attempt(target, () => {
        // Random, because file systems that compress store zeros in no space at all.
        writeFully(fd, randomBytes(bytes), 0, disk);
        fsyncSync(fd);
        if (isMountPoint(target)) padInPlace(target, bytes, disk);
      }),
    commit: (content) =>
      attempt(target, () => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        try {
          writeFully(fd, bytes, 0, disk);
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

/** What fails at the temporary file is told of the file it stands for. */
function attempt<T>(target: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof Error) Object.assign(thrown, { path: target });
    throw thrown;
  }
}

/** Replaces the file, or makes it. */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplacementOptions = {},
): void {
  openReplacement(path, options).commit(content);
}

/** The same without blocking the event loop while the disk syncs. */
export async function saveFile(path: string, text: string, mode = 0o600): Promise<void> {
  const target = targetOf(path);
  const temporary = join(dirname(target), temporaryName(target));
  const file = await open(temporary, 'wx', mode);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, done);
      if (bytesWritten <= 0) throw noSpace();
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

/** Where a link leads, also when there is nothing yet. */
export function targetOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })) return realpathSync(path);
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path))) : path;
}

function temporaryName(target: string): string {
  return `.${basename(target)}.codexd-${crypto.randomUUID()}`;
}

/** Overwrites what is there before it cuts off the rest: the blocks the file has are enough for that. */
function writeInPlace(target: string, bytes: Uint8Array, disk: Disk): void {
  withFile(target, (fd) => {
    writeFully(fd, bytes, 0, disk);
    ftruncateSync(fd, bytes.length);
    fsyncSync(fd);
  });
}

/** Lets the file have `bytes` at least, by spaces at its end, which JSON ignores. */
function padInPlace(target: string, bytes: number, disk: Disk): void {
  withFile(target, (fd) => {
    const { size } = fstatSync(fd);
    try {
      if (size < bytes) writeFully(fd, Buffer.alloc(bytes - size, ' '), size, disk);
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

/** Whether the file itself is a mount point; only Linux says so (proc_pid_mountinfo(5)). */
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

/** Makes the rename last through a power cut, where directories can be synced at all. */
function syncDirectory(directory: string): void {
  try {
    const fd = openSync(directory, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {
    // Windows opens no directories.
  }
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // The most that one call fills.
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}

/** What a `write` of nothing without an error amounts to. */
function noSpace(): Error {
  return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}

/** Says whether there was one. */
export function removeIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
