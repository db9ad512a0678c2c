// `Bun.file` for Node: the parts that the speech pipeline uses.
import { accessSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';

const types: Record<string, string> = {
  csv: 'text/csv',
  gif: 'image/gif',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  webp: 'image/webp',
  xml: 'text/xml',
};

export interface FileLike {
  /** By the extension of the name. */
  readonly type: string;
  readonly size: number;
  exists(): Promise<boolean>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
  slice(start: number, end: number): FileLike;
}

export function fileOf(path: string, start = 0, end = Number.POSITIVE_INFINITY): FileLike {
  const arrayBuffer = async () => {
    await using file = await open(path);
    const length = Math.max(0, Math.min(end, (await file.stat()).size) - start);
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.buffer.slice(0, filled);
  };
  return {
    type: types[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream',
    get size() {
      return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    },
    exists: async () => {
      try {
        accessSync(path);
        return true;
      } catch {
        return false;
      }
    },
    arrayBuffer,
    bytes: async () => new Uint8Array(await arrayBuffer()),
    slice: (from, to) => fileOf(path, from, to),
  };
}
