// The frames of AMR, narrow band and wide (RFC 4867). Counting them is the only true duration: ffmpeg
// drops the silent ones.
import type { Bytes } from './bytes.ts';

export const frameS = 0.02;
const chunkBytes = 65_536;

/** Bytes behind the first one of a frame, by type. -1: no such frame. */
const bodies = {
  amr: [12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0],
  'amr-wb': [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0],
} as const;
const marks = { amr: '#!AMR\n'.length, 'amr-wb': '#!AMR-WB\n'.length };

/** Whole frames up to the end, or to what is none. */
export async function amrFrames(
  bytes: Bytes,
  container: 'amr' | 'amr-wb',
  signal: AbortSignal,
): Promise<number> {
  let frames = 0;
  for (let at: number = marks[container]; at < bytes.size; ) {
    signal.throwIfAborted();
    const chunk = await bytes.read(at, chunkBytes);
    let inside = 0;
    while (inside < chunk.length) {
      const body = bodies[container][((chunk[inside] ?? 0) >> 3) & 15] ?? -1;
      if (body < 0 || at + inside + 1 + body > bytes.size) return frames;
      frames++;
      inside += 1 + body;
    }
    at += inside;
  }
  return frames;
}
