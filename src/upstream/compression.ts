// Which request bodies are compressed with zstd.

/** The setting `upstream.compression`. */
export type Compression = 'auto' | 'none' | 'zstd';

/** The upstream closes the connection without a response for uncompressed bodies of 1.2 MB. */
const largeBytes = 256 * 1024;

/** Codex itself compresses all of its bodies. */
export function compresses(
  compression: Compression,
  { bytes, isFromCodex }: { bytes: number; isFromCodex: boolean },
): boolean {
  if (compression !== 'auto') return compression === 'zstd';
  return isFromCodex || bytes >= largeBytes;
}
