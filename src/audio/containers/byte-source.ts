// Random access to a file. Recordings are large, so none is ever read into memory as a whole.
import { type FileHandle, open } from 'node:fs/promises';

export interface ByteSource {
  size: number;
  /** At most `length` bytes from offset `at`; fewer at the end of the file. */
  read(at: number, length: number): Promise<Uint8Array>;
}

export interface OpenByteSource extends ByteSource {
  close(): Promise<void>;
}

export async function openByteSource(path: string): Promise<OpenByteSource> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const read = async (at: number, length: number) => {
    const buffer = new Uint8Array(Math.max(0, Math.min(length, size - at)));
    let got = 0;
    while (got < buffer.length) {
      const { bytesRead } = await handle.read(buffer, got, buffer.length - got, at + got);
      if (bytesRead === 0) break; // the file was truncated meanwhile
      got += bytesRead;
    }
    return buffer.subarray(0, got);
  };
  return { size, read, close: () => handle.close() };
}

export async function withByteSource<T>(path: string, use: (bytes: ByteSource) => Promise<T>): Promise<T> {
  const bytes = await openByteSource(path);
  try {
    return await use(bytes);
  } finally {
    await bytes.close();
  }
}

/** One `write` call may write only a part of the bytes. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `length` bytes from `at` as Latin-1 text; fewer at the end. */
export function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
