// A file that is read and written in places: headers are small, recordings are not, so nothing is ever in memory as a whole.
import { type FileHandle, open } from 'node:fs/promises';

export interface Bytes {
  size: number;
  /** From `at`, at most `length` bytes; fewer where the file ends. */
  read(at: number, length: number): Promise<Uint8Array>;
}

export interface OpenBytes extends Bytes {
  close(): Promise<void>;
}

export async function openBytes(path: string): Promise<OpenBytes> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const read = async (at: number, length: number) => {
    const buffer = new Uint8Array(Math.max(0, Math.min(length, size - at)));
    let got = 0;
    while (got < buffer.length) {
      const { bytesRead } = await handle.read(buffer, got, buffer.length - got, at + got);
      if (bytesRead === 0) break; // the file has become shorter
      got += bytesRead;
    }
    return buffer.subarray(0, got);
  };
  return { size, read, close: () => handle.close() };
}

export async function withBytes<T>(path: string, use: (bytes: Bytes) => Promise<T>): Promise<T> {
  const bytes = await openBytes(path);
  try {
    return await use(bytes);
  } finally {
    await bytes.close();
  }
}

/** A write may take less than it is given. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `length` bytes as Latin-1 text; shorter at the end. */
export function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
