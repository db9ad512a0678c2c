// The ways to convert a recording. Each writes a file to the job's directory, or returns undefined if it does not apply.
import { mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../log.ts';
import { copyPackets, remuxTarget } from '../containers/remux.ts';
import { decode } from '../decoders/index.ts';
import type { AcceptedInput } from '../engines/engine.ts';
import { durationOf } from '../reading/duration.ts';
import type { Recording } from '../recording.ts';
import type { Sound } from '../samples/sound.ts';
import { type WavForm, writeWav } from '../samples/wav-file.ts';
import type { RawFormat } from '../transcriber.ts';
import { convertWithFfmpeg, type Ffmpeg } from './ffmpeg.ts';

export interface Tools {
  /** Private to this job; its creator removes it with everything in it. */
  directory: string;
  /** Undefined if ffmpeg is not installed. */
  ffmpeg: Ffmpeg | undefined;
  /** Writes a 16-bit mono WAV of `rate` Hz. */
  silk(
    path: string,
    out: string,
    rate: number,
    signal: AbortSignal,
  ): Promise<{ durationS: number; truncated: boolean }>;
  /** The rate in Hz for engines that accept any. */
  silkRate: number;
  /** Send SILK without decoding it, even if the engine does not accept it. */
  keepSilk?: boolean;
  /** The format of a `raw` recording. */
  raw?: RawFormat;
  signal: AbortSignal;
  /** `to` is a file extension. */
  onConvert?: (to: string) => void;
  /** A sentence for the user. */
  onWarning?: (warning: string) => void;
  log: Log;
}

const truncatedWarning = 'The recording is damaged or truncated; only the part before the damage was used.';

export async function decodeToWav(
  recording: Recording,
  form: Required<WavForm>,
  tools: Tools,
): Promise<Recording | undefined> {
  const sound = await decode(recording, { rate: form.rate, signal: tools.signal });
  return rewriteAsWav(recording, sound, form, tools);
}

export async function rewriteAsWav(
  recording: Recording,
  sound: Sound | undefined,
  form: WavForm,
  tools: Tools,
): Promise<Recording | undefined> {
  if (sound === undefined) return undefined;
  tools.onConvert?.('wav');
  const path = await newPath(tools.directory, 'samples.wav');
  const { bytes, durationS } = await writeWav(sound, path, form, tools.signal);
  if (sound.isTruncated) tools.onWarning?.(truncatedWarning);
  return logConversion(recording, { path, container: 'wav', codec: 'pcm', bytes, durationS }, tools);
}

export async function decodeSilk(
  recording: Recording,
  rate: number,
  tools: Tools,
): Promise<Recording | undefined> {
  if (recording.container !== 'silk') return undefined;
  tools.onConvert?.('wav');
  const path = await newPath(tools.directory, 'silk.wav');
  const { durationS, truncated } = await tools.silk(recording.path, path, rate, tools.signal);
  if (truncated) tools.onWarning?.('The SILK recording is truncated in its last packet.');
  const { size } = await stat(path);
  return logConversion(recording, { path, container: 'wav', codec: 'pcm', bytes: size, durationS }, tools);
}

export async function remux(
  recording: Recording,
  accepts: AcceptedInput,
  tools: Tools,
): Promise<Recording | undefined> {
  const target = remuxTarget(recording.container);
  if (target === undefined || !accepts.containers.has(target)) return undefined;
  const { codec, hasVideo: _, ...rest } = recording;
  if (codec !== undefined && accepts.codecs?.[target]?.includes(codec) === false) return undefined;
  const path = await newPath(tools.directory, target === 'mp4' ? 'packets.m4a' : 'packets.webm');
  if (!(await copyPackets(recording, target, path, tools.signal))) return undefined;
  tools.onConvert?.(target === 'mp4' ? 'm4a' : target);
  const { size } = await stat(path);
  return logConversion(
    recording,
    { ...rest, ...(codec && { codec }), path, container: target, bytes: size },
    tools,
  );
}

export async function transcode(
  recording: Recording,
  to: 'wav' | 'flac',
  rate: number,
  { ffmpeg, directory, signal, onConvert, log }: Tools,
): Promise<Recording | undefined> {
  if (ffmpeg === undefined) return undefined;
  const out = await newPath(directory, `converted.${to}`);
  onConvert?.(to);
  if (!(await convertWithFfmpeg({ ffmpeg, recording, to, rate, out, signal }))) return undefined;
  const { size } = await stat(out);
  const durationS = await convertedDuration(recording, { path: out, container: to, bytes: size }, signal);
  const result: Recording = { path: out, container: to, codec: to === 'wav' ? 'pcm' : 'flac', bytes: size };
  return logConversion(recording, { ...result, ...(durationS !== undefined && { durationS }) }, { log });
}

/** Measured on the output, since the header of a truncated file claims too much. AMR is the exception: ffmpeg drops its silence. */
async function convertedDuration(
  from: Recording,
  to: Recording,
  signal: AbortSignal,
): Promise<number | undefined> {
  const isAmr = from.container === 'amr' || from.container === 'amr-wb';
  if (isAmr && from.durationS !== undefined) return from.durationS;
  return (await durationOf(to, signal)) ?? from.durationS;
}

/** In a directory of its own: the input may be the output of another conversion, which must not be overwritten. */
async function newPath(directory: string, name: string): Promise<string> {
  return join(await mkdtemp(join(directory, 'made-')), name);
}

function logConversion(from: Recording, to: Recording, { log }: Pick<Tools, 'log'>): Recording {
  log.debug('recording converted', { from: from.container, to: to.container, bytes: to.bytes });
  return to;
}
