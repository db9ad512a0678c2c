// Reads text files that the user names. Some never end, such as /dev/zero.
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { errnoOf } from './errno.ts';

const limitBytes = 64 * 1024 * 1024;
const chunkBytes = 256 * 1024;
/** A named pipe whose writer has not written anything by then is reported. */
const patienceMs = 2000;
const pauseMs = 5;

/**
 * The whole file as UTF-8. Throws the errors of `node:fs`, EFBIG for a file beyond the limit, ENODATA for a named pipe that
 * nobody writes to.
 */
export function readTextFile(path: string): string {
  const isPipe = isNamedPipe(path);
  // Opening a pipe would otherwise wait for a writer forever.
  const file = openSync(path, isPipe ? constants.O_RDONLY | constants.O_NONBLOCK : 'r');
  try {
    const chunks: Buffer[] = [];
    const read = isPipe ? pipeReader(file, path) : readInto(file);
    for (let bytes = 0; bytes <= limitBytes; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = read(chunk);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      chunks.push(chunk.subarray(0, length));
      bytes += length;
    }
  } finally {
    closeSync(file);
  }
  throw Object.assign(new Error(`${path} is larger than ${limitBytes} bytes`), { code: 'EFBIG' });
}

/** Shells pass `<(command)` as an unnamed pipe: it has a writer or is empty, and does not block. */
function isNamedPipe(path: string): boolean {
  return !/^\/(?:dev|proc)\//.test(path) && statSync(path).isFIFO();
}

function readInto(file: number): (chunk: Buffer) => number {
  return (chunk) => readSync(file, chunk, 0, chunk.length, null);
}

/** Waits for a writer, and for what it writes. Without a writer a read returns nothing; with an idle one it is EAGAIN. */
function pipeReader(file: number, path: string): (chunk: Buffer) => number {
  const deadlineMs = performance.now() + patienceMs;
  let isConnected = false;
  return (chunk) => {
    for (;;) {
      try {
        const length = readInto(file)(chunk);
        if (length > 0 || isConnected) {
          isConnected = true;
          return length;
        }
      } catch (thrown) {
        if (errnoOf(thrown) !== 'EAGAIN') throw thrown;
        isConnected = true;
      }
      if (!isConnected && performance.now() > deadlineMs) {
        throw Object.assign(new Error(`nothing writes to the pipe ${path}`), { code: 'ENODATA' });
      }
      Bun.sleepSync(pauseMs);
    }
  };
}
