// Decodes a SILK file to a WAV file with one block in memory. All writes are synchronous, because the decoder cannot wait.

import { closeSync, openSync } from 'node:fs';
import { writeAll } from '../../system/whole-file.ts';
import { wavHeader, wavHeaderBytes } from '../samples/wav-file.ts';
import type { SilkFile } from './container.ts';
import { decodeSilk, type SilkRate } from './decode.ts';

const blockBytes = 256 * 1024;

/** Writes 16-bit mono. `out` must exist, so that a file that was removed meanwhile is not created again. */
export function writeSilkAsWav(
  module: WebAssembly.Module,
  file: SilkFile,
  rate: SilkRate,
  out: string,
): { durationS: number } {
  const handle = openSync(out, 'r+');
  try {
    const block = new Uint8Array(blockBytes);
    let filled = 0;
    let at = wavHeaderBytes;
    const flushBlock = () => {
      writeAll(handle, block.subarray(0, filled), at);
      at += filled;
      filled = 0;
    };
    const decoded = decodeSilk(module, file, rate, (samples) => {
      if (filled + samples.byteLength > blockBytes) flushBlock();
      block.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), filled);
      filled += samples.byteLength;
    });
    flushBlock();
    writeAll(handle, wavHeader(rate, 1, at - wavHeaderBytes), 0);
    return decoded;
  } finally {
    closeSync(handle);
  }
}
