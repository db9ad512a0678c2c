// A SILK file as the WAV file that engines read, by the built-in decoder or the one that is configured.
import { stat } from 'node:fs/promises';
import { wavHeader } from '../wav-file.ts';
import { readSilk, tooLong } from './container.ts';
import { decodeSilk, silkRate } from './decode.ts';
import { decodeWithRustSilk } from './external.ts';

/** An hour of the largest packets is more than anybody records; a larger file is not read at all. */
const largestBytes = 256 * 1024 * 1024;

/** 16-bit mono at `rate` Hz. `decoder`: the path of a rust-silk. */
export async function silkToWav(
  decoder: string | undefined,
  path: string,
  out: string,
  rate: number,
  signal: AbortSignal,
): Promise<{ durationS: number; truncated: boolean }> {
  if (decoder !== undefined) {
    const { durationS } = await decodeWithRustSilk({ decoder, input: path, output: out, rate, signal });
    return { durationS, truncated: false };
  }
  const { samples, durationS, truncated } = await decodeSilk(await bytesOf(path), silkRate(rate), signal);
  await Bun.write(out, new Blob([wavHeader(rate, 1, samples.byteLength), samples]), { mode: 0o600 });
  return { durationS, truncated };
}

/** Without decoding; undefined for a file that cannot be decoded either, which is told when it is. */
export async function silkDuration(path: string): Promise<number | undefined> {
  try {
    return readSilk(await bytesOf(path)).durationS;
  } catch {
    return undefined;
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  if ((await stat(path)).size > largestBytes) throw tooLong();
  return Bun.file(path).bytes();
}
