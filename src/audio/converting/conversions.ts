// The ways a recording can be turned into another one. Each ends in a file in the directory of the job, or in undefined
// where it does not lead anywhere.
import { mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../log.ts';
import { remux, remuxTarget } from '../containers/remux.ts';
import { decode } from '../decoders/index.ts';
import type { Reads } from '../engines/engine.ts';
import { durationOf } from '../reading/duration.ts';
import type { Recording } from '../recording.ts';
import type { Sound } from '../samples/sound.ts';
import { type WavForm, writeWav } from '../samples/wav-file.ts';
import type { RawFormat } from '../transcriber.ts';
import { convertWithFfmpeg, type Ffmpeg } from './ffmpeg.ts';

export interface Tools {
  /** Private to this job, and removed with everything in it by whoever made it. */
  directory: string;
  /** Undefined where there is none. */
  ffmpeg: Ffmpeg | undefined;
  /** Writes a 16-bit mono WAV of `rate` Hz. */
  silk(
    path: string,
    out: string,
    rate: number,
    signal: AbortSignal,
  ): Promise<{ durationS: number; truncated: boolean }>;
  /** Hz, where the engine does not mind. */
  silkRate: number;
  /** Leave SILK as it is, read or not. */
  keepSilk?: boolean;
  /** What the samples of a `raw` recording are. */
  raw?: RawFormat;
  signal: AbortSignal;
  /** `to` is an extension. */
  onConvert?: (to: string) => void;
  /** A sentence for the user. */
  onWarning?: (warning: string) => void;
  log: Log;
}

const cutWarning = 'The recording is damaged or cut off; only what comes before that was used.';

export async function decoded(
  recording: Recording,
  form: Required<WavForm>,
  tools: Tools,
): Promise<Recording | undefined> {
  const sound = await decode(recording, { rate: form.rate, signal: tools.signal });
  return written(recording, sound, form, tools);
}

export async function written(
  recording: Recording,
  sound: Sound | undefined,
  form: WavForm,
  tools: Tools,
): Promise<Recording | undefined> {
  if (sound === undefined) return undefined;
  tools.onConvert?.('wav');
  const path = await place(tools.directory, 'samples.wav');
  const { bytes, durationS } = await writeWav(sound, path, form, tools.signal);
  if (sound.isCut) tools.onWarning?.(cutWarning);
  return told(recording, { path, container: 'wav', codec: 'pcm', bytes, durationS }, tools);
}

export async function desilked(
  recording: Recording,
  rate: number,
  tools: Tools,
): Promise<Recording | undefined> {
  if (recording.container !== 'silk') return undefined;
  tools.onConvert?.('wav');
  const path = await place(tools.directory, 'silk.wav');
  const { durationS, truncated } = await tools.silk(recording.path, path, rate, tools.signal);
  if (truncated) tools.onWarning?.('The SILK recording is cut off in its last packet.');
  const { size } = await stat(path);
  return told(recording, { path, container: 'wav', codec: 'pcm', bytes: size, durationS }, tools);
}

export async function remuxed(
  recording: Recording,
  reads: Reads,
  tools: Tools,
): Promise<Recording | undefined> {
  const target = remuxTarget(recording.container);
  if (target === undefined || !reads.containers.has(target)) return undefined;
  const { codec, hasPicture: _, ...rest } = recording;
  if (codec !== undefined && reads.codecs?.[target]?.includes(codec) === false) return undefined;
  const path = await place(tools.directory, target === 'mp4' ? 'packets.m4a' : 'packets.webm');
  if (!(await remux(recording, target, path, tools.signal))) return undefined;
  tools.onConvert?.(target === 'mp4' ? 'm4a' : target);
  const { size } = await stat(path);
  return told(recording, { ...rest, ...(codec && { codec }), path, container: target, bytes: size }, tools);
}

export async function converted(
  recording: Recording,
  to: 'wav' | 'flac',
  rate: number,
  { ffmpeg, directory, signal, onConvert, log }: Tools,
): Promise<Recording | undefined> {
  if (ffmpeg === undefined) return undefined;
  const out = await place(directory, `converted.${to}`);
  onConvert?.(to);
  if (!(await convertWithFfmpeg({ ffmpeg, recording, to, rate, out, signal }))) return undefined;
  const { size } = await stat(out);
  const durationS = await convertedDuration(recording, { path: out, container: to, bytes: size }, signal);
  const result: Recording = { path: out, container: to, codec: to === 'wav' ? 'pcm' : 'flac', bytes: size };
  return told(recording, { ...result, ...(durationS !== undefined && { durationS }) }, { log });
}

/** The samples know best, and the container of a file that was cut off claims too much. But ffmpeg drops silence of AMR. */
async function convertedDuration(
  from: Recording,
  to: Recording,
  signal: AbortSignal,
): Promise<number | undefined> {
  const isAmr = from.container === 'amr' || from.container === 'amr-wb';
  if (isAmr && from.durationS !== undefined) return from.durationS;
  return (await durationOf(to, signal)) ?? from.durationS;
}

/** A conversion may be of what another one made in the same directory: it must not write over it. */
async function place(directory: string, name: string): Promise<string> {
  return join(await mkdtemp(join(directory, 'made-')), name);
}

function told(from: Recording, to: Recording, { log }: Pick<Tools, 'log'>): Recording {
  log.debug('recording converted', { from: from.container, to: to.container, bytes: to.bytes });
  return to;
}
