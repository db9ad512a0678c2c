// AMR frames, narrowband and wideband (RFC 4867). Only their count gives the true duration: ffmpeg drops the silent ones.
import type { ByteSource } from './byte-source.ts';

export const frameS = 0.02;
const chunkBytes = 65_536;

/** Bytes after the header byte of a frame, by frame type; -1 for unused types. */
const bodyBytes = {
  amr: [12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0],
  'amr-wb': [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0],
} as const;
const magic = { amr: '#!AMR\n'.length, 'amr-wb': '#!AMR-WB\n'.length };

/** Counts whole frames up to the end of the file or to the first invalid byte. */
export async function amrFrames(
  bytes: ByteSource,
  container: 'amr' | 'amr-wb',
  signal: AbortSignal,
): Promise<number> {
  let frames = 0;
  for (let at: number = magic[container]; at < bytes.size; ) {
    signal.throwIfAborted();
    const chunk = await bytes.read(at, chunkBytes);
    let inside = 0;
    while (inside < chunk.length) {
      const body = bodyBytes[container][((chunk[inside] ?? 0) >> 3) & 15] ?? -1;
      if (body < 0 || at + inside + 1 + body > bytes.size) return frames;
      frames++;
      inside += 1 + body;
    }
    at += inside;
  }
  return frames;
}
