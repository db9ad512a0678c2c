// Reads text files that the user names. Some never end, such as /dev/zero.
import { closeSync, openSync, readSync } from 'node:fs';

const limitBytes = 64 * 1024 * 1024;
const chunkBytes = 256 * 1024;

/** The whole file as UTF-8. Throws the errors of `node:fs`, EFBIG for a file beyond the limit. */
export function readTextFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let bytes = 0; bytes <= limitBytes; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = readSync(file, chunk, 0, chunkBytes, null);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      chunks.push(chunk.subarray(0, length));
      bytes += length;
    }
  } finally {
    closeSync(file);
  }
  throw Object.assign(new Error(`${path} is larger than ${limitBytes} bytes`), { code: 'EFBIG' });
}
