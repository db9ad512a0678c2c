// Decodes a SILK file into a WAV file, however long with one block in memory. All of it at once on the calling thread: the
// decoder cannot wait for a disk.
import { closeSync, openSync, writeSync } from 'node:fs';
import { wavHeader, wavHeaderBytes } from '../samples/wav-file.ts';
import type { SilkFile } from './container.ts';
import { decodeSilk, type SilkRate } from './decode.ts';

const blockBytes = 256 * 1024;

/** `out` must be there: whoever removes it meanwhile will not find it again. 16-bit mono. */
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
    const put = () => {
      write(handle, block.subarray(0, filled), at);
      at += filled;
      filled = 0;
    };
    const decoded = decodeSilk(module, file, rate, (samples) => {
      if (filled + samples.byteLength > blockBytes) put();
      block.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), filled);
      filled += samples.byteLength;
    });
    put();
    write(handle, wavHeader(rate, 1, at - wavHeaderBytes), 0);
    return decoded;
  } finally {
    closeSync(handle);
  }
}

function write(handle: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(handle, bytes, done, bytes.length - done, at + done);
  }
}
