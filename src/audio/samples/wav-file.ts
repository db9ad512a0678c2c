// Writes a Sound to a 16-bit WAV file block by block, mixed down and resampled if requested. Memory use does not depend on the
// length of the recording.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { writeAll } from '../containers/byte-source.ts';
import { tooLong } from '../reading/unusable-audio.ts';
import { MonoMixer } from './mono.ts';
import { int16Of } from './pcm.ts';
import { Resampler } from './resample.ts';
import type { Sound } from './sound.ts';

export interface WavForm {
  /** Hz; undefined keeps the rate of the recording. */
  rate?: number;
  mono: boolean;
}

export interface WavFile {
  rate: number;
  channels: number;
  frames: number;
  durationS: number;
  bytes: number;
}

export const wavHeaderBytes = 44;
/** Longer recordings are refused: small files can contain days of silence. */
export const longestHours = 6;
const maxDataBytes = 0xffffffff - wavHeaderBytes;

/** A 16-bit PCM WAV header; `dataBytes` of samples follow. */
export function wavHeader(rate: number, channels: number, dataBytes: number): Uint8Array {
  const header = new Uint8Array(wavHeaderBytes);
  const view = new DataView(header.buffer);
  const block = channels * 2;
  header.set(Buffer.from('RIFF    WAVEfmt ', 'latin1'));
  header.set(Buffer.from('data', 'latin1'), 36);
  view.setUint32(4, 36 + dataBytes, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * block, true);
  view.setUint16(32, block, true);
  view.setUint16(34, 16, true);
  view.setUint32(40, dataBytes, true);
  return header;
}

/** Writes a mono 16-bit file with mode 0600, which `Bun.write` does not support (Bun 1.4.5). Returns its size in bytes. */
export async function saveWav(path: string, rate: number, samples: Uint8Array): Promise<number> {
  const handle = await open(path, 'w', 0o600);
  try {
    await writeAll(handle, wavHeader(rate, 1, samples.byteLength), 0);
    await writeAll(handle, samples, wavHeaderBytes);
  } finally {
    await handle.close();
  }
  return wavHeaderBytes + samples.byteLength;
}

/** Creates or replaces `out`, and closes the sound. Rejects with the signal's reason if aborted, after removing `out`. */
export async function writeWav(
  sound: Sound,
  out: string,
  form: WavForm,
  signal: AbortSignal,
): Promise<WavFile> {
  try {
    return await writeFile(sound, out, form, signal);
  } catch (thrown) {
    await rm(out, { force: true });
    throw thrown;
  } finally {
    await sound.close();
  }
}

async function writeFile(sound: Sound, out: string, form: WavForm, signal: AbortSignal): Promise<WavFile> {
  const rate = form.rate ?? Math.round(sound.rate);
  const channels = form.mono ? 1 : sound.channels;
  const handle = await open(out, 'w', 0o600);
  try {
    const dataBytes = await writeSamples(handle, sound, { rate, mono: form.mono }, signal);
    await writeAll(handle, wavHeader(rate, channels, dataBytes), 0);
    const frames = dataBytes / 2 / channels;
    return { rate, channels, frames, durationS: frames / rate, bytes: wavHeaderBytes + dataBytes };
  } finally {
    await handle.close();
  }
}

async function writeSamples(
  handle: FileHandle,
  sound: Sound,
  { rate, mono }: Required<WavForm>,
  signal: AbortSignal,
): Promise<number> {
  const mixer = mono ? new MonoMixer(sound.channels) : undefined;
  const resamplers =
    rate === sound.rate
      ? undefined
      : Array.from({ length: mono ? 1 : sound.channels }, () => new Resampler(sound.rate, rate));
  const maxFrames = sound.rate * longestHours * 3600;
  let received = 0;
  let at = wavHeaderBytes;
  const writePlanes = async (planes: readonly Float32Array[]) => {
    const bytes = int16Of(planes);
    if (at - wavHeaderBytes + bytes.length > maxDataBytes)
      throw tooLong('more samples than a WAV file can hold');
    await writeAll(handle, bytes, at);
    at += bytes.length;
  };
  for await (const planes of sound.blocks) {
    received += planes[0]?.length ?? 0;
    if (received > maxFrames) throw tooLong(`more than ${longestHours} hours`);
    const mixed = mixer ? [mixer.push(planes)] : planes;
    await writePlanes(resamplers?.map((resampler, index) => resampler.push(mixed[index]!)) ?? mixed);
    await setImmediate(); // decoding keeps the thread busy: let other tasks run
    signal.throwIfAborted();
  }
  const rest = mixer && [mixer.flush()];
  if (rest) await writePlanes(resamplers?.map((resampler, index) => resampler.push(rest[index]!)) ?? rest);
  if (resamplers) await writePlanes(resamplers.map((resampler) => resampler.flush()));
  return at - wavHeaderBytes;
}
