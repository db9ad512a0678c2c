// How loud a recording is, window by window, and where it pauses.
import type { PcmLayout } from '../containers/layout.ts';

export const windowS = 0.02;

/** Level of each 20 ms window in dBFS, `quietest` for digital silence. Six hours are 4 MB. */
export type Levels = Float32Array;

const quietest = -120;
const blockBytes = 1 << 20;

/** Of 16-bit little-endian mono samples, read in blocks. */
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

/** A stretch of windows, the end not included. */
export interface Stretch {
  start: number;
  end: number;
}

const shortestPause = Math.round(0.3 / windowS);

/**
 * Stretches of at least 300 ms that are about as quiet as the quietest tenth of the recording. Someone who hardly pauses
 * makes that tenth speech: so a pause is also well below what is loud.
 */
export function pausesOf(levels: Levels): Stretch[] {
  const threshold = Math.max(-50, Math.min(quantile(levels, 0.1) + 10, quantile(levels, 0.9) - 10));
  const pauses: Stretch[] = [];
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

/** The level that this part of the windows stays below, to one decibel. */
function quantile(levels: Levels, part: number): number {
  const counts = new Uint32Array(-quietest + 1);
  for (const level of levels) counts[Math.min(-quietest, Math.max(0, Math.round(level - quietest)))]!++;
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    below += counts[bin]!;
    if (below >= part * levels.length) return bin + quietest;
  }
  return 0;
}

/** Below what any microphone hears of speech. Not the pauses' threshold: in even noise everything is below that. */
const inaudible = -60;

export function isSilent(levels: Levels, { start, end }: Stretch): boolean {
  return levels.subarray(start, end).every((level) => level < inaudible);
}
