// The loudness of a recording, window by window, and its pauses.
import type { PcmLayout } from '../containers/layout.ts';

export const windowS = 0.02;

/** Level of each 20 ms window in dBFS, `quietest` for digital silence. Six hours are 4 MB. */
export type Levels = Float32Array;

const quietest = -120;
const blockBytes = 1 << 20;

/** `layout` must be 16-bit little-endian mono. The file is read in blocks. */
export async function levelsOf(path: string, layout: PcmLayout, signal: AbortSignal): Promise<Levels> {
  const { rate, dataOffset, dataBytes } = layout;
  const file = Bun.file(path);
  const windowBytes = Math.round(rate * windowS) * 2;
  const levels = new Float32Array(Math.ceil(dataBytes / windowBytes));
  const step = Math.floor(blockBytes / windowBytes) * windowBytes;
  let window = 0;
  for (let at = 0; at < dataBytes; at += step) {
    signal.throwIfAborted();
    const block = await file
      .slice(dataOffset + at, dataOffset + Math.min(at + step, dataBytes))
      .arrayBuffer();
    for (let offset = 0; offset < block.byteLength; offset += windowBytes) {
      const samples = Math.floor(Math.min(windowBytes, block.byteLength - offset) / 2);
      levels[window++] = levelOf(new Int16Array(block, offset, samples));
    }
  }
  return levels;
}

function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum === 0 ? quietest : 10 * Math.log10(sum / samples.length / 2 ** 30);
}

/** Indexes of windows; `end` is exclusive. */
export interface WindowRange {
  start: number;
  end: number;
}

const shortestPause = Math.round(0.3 / windowS);

/**
 * At least 300 ms about as quiet as the quietest tenth of the recording. With a speaker who hardly pauses, that tenth is
 * speech, so a pause must also be well below the loudest tenth.
 */
export function pausesOf(levels: Levels): WindowRange[] {
  const threshold = Math.max(-50, Math.min(quantile(levels, 0.1) + 10, quantile(levels, 0.9) - 10));
  const pauses: WindowRange[] = [];
  let start: number | undefined;
  for (let at = 0; at <= levels.length; at++) {
    const quiet = at < levels.length && levels[at]! < threshold;
    if (quiet) start ??= at;
    else if (start !== undefined) {
      if (at - start >= shortestPause) pauses.push({ start, end: at });
      start = undefined;
    }
  }
  return pauses;
}

/** The level below which this share of the windows lies, to one decibel. */
function quantile(levels: Levels, share: number): number {
  const counts = new Uint32Array(-quietest + 1);
  for (const level of levels) counts[Math.min(-quietest, Math.max(0, Math.round(level - quietest)))]!++;
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    below += counts[bin]!;
    if (below >= share * levels.length) return bin + quietest;
  }
  return 0;
}

/** Quieter than speech in any recording. The threshold of pauses would not do: in steady noise everything is below it. */
const inaudible = -60;

export function isSilent(levels: Levels, { start, end }: WindowRange): boolean {
  return levels.subarray(start, end).every((level) => level < inaudible);
}
