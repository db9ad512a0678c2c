// A log file that only its owner can read. When it is full, `log` becomes `log.1`, `log.1` becomes `log.2`, and so on.
import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './errno.ts';

export interface RotatingFileOptions {
  path: string;
  maxBytes: number;
  /** Files to keep, including the current one. */
  files: number;
}

export class RotatingFile {
  #fd: number | undefined;
  #bytes = 0;
  /** Lines that could not be written, e.g. because the disk was full. */
  #lostLines = 0;

  /** Opens or creates the file. Throws the error of the operating system. */
  constructor(private readonly options: RotatingFileOptions) {
    this.reopen();
  }

  /** After another program, such as logrotate, has renamed the file. Throws if it cannot be opened; the old one stays open. */
  reopen(): void {
    const { path } = this.options;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fd = openSync(path, 'a', 0o600);
    try {
      const { mode, size } = fstatSync(fd);
      if ((mode & 0o077) !== 0 && fstatSync(fd).isFile()) fchmodSync(fd, 0o600);
      this.#bytes = size;
    } catch (thrown) {
      closeSync(fd);
      throw thrown;
    }
    this.close();
    this.#fd = fd;
  }

  /** Never throws: a full disk must not stop the daemon. What was lost is reported in the file once it can be written. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.options.maxBytes) this.#rotate();
      if (this.#fd === undefined) this.reopen();
      if (this.#lostLines > 0) {
        this.#append(Buffer.from(`${this.#lostLines} lines could not be written here.\n`));
        this.#lostLines = 0;
      }
      this.#append(bytes);
    } catch {
      this.#lostLines++;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#fd!, bytes, done);
      if (written <= 0) throw new Error('nothing was written');
      done += written;
      this.#bytes += written;
    }
  }

  #rotate(): void {
    const { path, files } = this.options;
    this.close();
    const names = Array.from({ length: files }, (_, at) => (at === 0 ? path : `${path}.${at}`));
    for (let at = files - 1; at > 0; at--) renameIfExists(names[at - 1]!, names[at]!);
    if (files === 1) unlinkSync(path);
    this.reopen();
  }
}

function renameIfExists(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  }
}
