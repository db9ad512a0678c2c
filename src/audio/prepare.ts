// From a recording as it came to one an engine reads, by the cheapest way there is (reference/asr.md 1.4, 6.6): as it is, the
// same samples in a WAV, the same packets in another container, decoded here, converted by ffmpeg; or a refusal that says why.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { layoutOf } from './containers/index.ts';
import type { PcmLayout } from './containers/layout.ts';
import { remux, remuxTarget } from './containers/remux.ts';
import { decode } from './decoders/index.ts';
import type { Reads } from './engines/engine.ts';
import { convertWithFfmpeg } from './ffmpeg.ts';
import type { Container, Recording } from './recording.ts';
import { isRefusal, unsupported } from './refusal.ts';
import { type Sound, soundOf } from './sound.ts';
import type { RawFormat } from './transcriber.ts';
import { type WavForm, wavHeaderBytes, writeWav } from './wav-file.ts';

export interface Tools {
  /** Private to this job, and removed with everything in it by whoever made it. */
  directory: string;
  /** The program; undefined where there is none. */
  ffmpeg: string | undefined;
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

/** Of what is decoded for engines that take any rate: speech holds no more. */
const speechRate = 16_000;

export async function prepare(recording: Recording, reads: Reads, tools: Tools): Promise<Recording> {
  if (recording.container === 'silk' && tools.keepSilk) return recording;
  const pcm = await pcmOf(recording, tools);
  if (isReadable(recording, reads, pcm.layout)) return recording;
  const toWav = { rate: reads.wavRate ?? speechRate, mono: true };
  const ways: Way[] = [
    () => rewrapped(recording, pcm.layout, reads, tools),
    () => desilked(recording, reads.wavRate ?? tools.silkRate, tools),
    () => remuxed(recording, reads, tools),
    () => decoded(recording, toWav, tools),
    () =>
      converted(
        recording,
        reads.wavRate === undefined && reads.containers.has('flac') ? 'flac' : 'wav',
        toWav.rate,
        tools,
      ),
  ];
  const { result, refusal = pcm.refusal } = await firstOf(ways);
  if (result !== undefined) return result;
  throw refusedFor(recording, refusal, tools);
}

/** 16-bit mono WAV at `rate`, as long recordings are cut from; undefined where that is impossible here. */
export async function toPcmWav(
  recording: Recording,
  rate: number,
  tools: Tools,
): Promise<Recording | undefined> {
  const { layout } = await pcmOf(recording, tools);
  if (layout?.plain && layout.rate === rate && layout.channels === 1) return recording;
  const form = { rate, mono: true };
  const { result } = await firstOf([
    () => written(recording, layout && soundOf(recording.path, layout), form, tools),
    () => desilked(recording, rate, tools),
    () => decoded(recording, form, tools),
    () => converted(recording, 'wav', rate, tools),
  ]);
  return result;
}

type Way = () => Promise<Recording | undefined>;

/** The first way that leads anywhere. A file that one reader refuses another may still read; the first refusal is kept. */
async function firstOf(ways: Way[]): Promise<{ result?: Recording; refusal?: Error }> {
  let refusal: Error | undefined;
  for (const way of ways) {
    try {
      const result = await way();
      if (result !== undefined) return { result };
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      refusal ??= thrown;
    }
  }
  return refusal === undefined ? {} : { refusal };
}

async function pcmOf(recording: Recording, { raw }: Tools): Promise<{ layout?: PcmLayout; refusal?: Error }> {
  try {
    const layout = await layoutOf(recording, raw);
    return layout === undefined ? {} : { layout };
  } catch (thrown) {
    if (isRefusal(thrown)) return { refusal: thrown };
    throw thrown;
  }
}

function isReadable({ container, bytes }: Recording, reads: Reads, layout: PcmLayout | undefined): boolean {
  if (!reads.containers.has(container)) return false;
  if (container !== 'wav') return true;
  if (!layout?.plain) return false;
  if (reads.wavRate !== undefined) return layout.rate === reads.wavRate && layout.channels === 1;
  return bytes <= (reads.largestBytes ?? Number.POSITIVE_INFINITY);
}

/** Rate and channels stay, where any will do and the result is not too large for the engine. */
function rewrapped(
  recording: Recording,
  layout: PcmLayout | undefined,
  reads: Reads,
  tools: Tools,
): Promise<Recording | undefined> {
  const bytes = wavHeaderBytes + (layout?.frames ?? 0) * (layout?.channels ?? 0) * 2;
  const keep = reads.wavRate === undefined && bytes <= (reads.largestBytes ?? Number.POSITIVE_INFINITY);
  const form = keep ? { mono: false } : { rate: reads.wavRate ?? speechRate, mono: true };
  return written(recording, layout && soundOf(recording.path, layout), form, tools);
}

async function decoded(
  recording: Recording,
  form: Required<WavForm>,
  tools: Tools,
): Promise<Recording | undefined> {
  const sound = await decode(recording, { rate: form.rate, signal: tools.signal });
  return written(recording, sound, form, tools);
}

async function written(
  recording: Recording,
  sound: Sound | undefined,
  form: WavForm,
  tools: Tools,
): Promise<Recording | undefined> {
  if (sound === undefined) return undefined;
  tools.onConvert?.('wav');
  const path = join(tools.directory, 'samples.wav');
  const { bytes, durationS } = await writeWav(sound, path, form, tools.signal);
  if (sound.isCut)
    tools.onWarning?.('The recording is damaged or cut off; only what comes before that was used.');
  return told(recording, { path, container: 'wav', codec: 'pcm', bytes, durationS }, tools);
}

async function desilked(recording: Recording, rate: number, tools: Tools): Promise<Recording | undefined> {
  if (recording.container !== 'silk') return undefined;
  tools.onConvert?.('wav');
  const path = join(tools.directory, 'silk.wav');
  const { durationS, truncated } = await tools.silk(recording.path, path, rate, tools.signal);
  if (truncated) tools.onWarning?.('The SILK recording is cut off in its last packet.');
  const { size } = await stat(path);
  return told(recording, { path, container: 'wav', codec: 'pcm', bytes: size, durationS }, tools);
}

async function remuxed(recording: Recording, reads: Reads, tools: Tools): Promise<Recording | undefined> {
  const target = remuxTarget(recording.container);
  if (target === undefined || !reads.containers.has(target)) return undefined;
  const path = join(tools.directory, target === 'mp4' ? 'packets.m4a' : 'packets.webm');
  if (!(await remux(recording, target, path, tools.signal))) return undefined;
  tools.onConvert?.(target === 'mp4' ? 'm4a' : target);
  const { size } = await stat(path);
  return told(recording, { ...recording, path, container: target, bytes: size }, tools);
}

async function converted(
  recording: Recording,
  to: 'wav' | 'flac',
  rate: number,
  { ffmpeg, directory, signal, onConvert, log }: Tools,
): Promise<Recording | undefined> {
  if (ffmpeg === undefined) return undefined;
  const out = join(directory, `converted.${to}`);
  onConvert?.(to);
  if (!(await convertWithFfmpeg({ ffmpeg, recording, to, rate, out, signal }))) return undefined;
  const { size } = await stat(out);
  const { durationS } = recording;
  const result: Recording = { path: out, container: to, codec: to === 'wav' ? 'pcm' : 'flac', bytes: size };
  return told(recording, { ...result, ...(durationS !== undefined && { durationS }) }, { log });
}

function told(from: Recording, to: Recording, { log }: Pick<Tools, 'log'>): Recording {
  log.debug('recording converted', { from: from.container, to: to.container, bytes: to.bytes });
  return to;
}

const names: { [C in Container]?: string } = {
  amr: 'AMR',
  'amr-wb': 'AMR-WB',
  adts: 'AAC (ADTS)',
  adif: 'AAC (ADIF)',
  asf: 'Windows Media',
  mp4: 'an MP4',
  mov: 'a QuickTime file',
  '3gp': 'a 3GP file',
  ogg: 'an Ogg file',
  webm: 'a WebM',
  matroska: 'a Matroska file',
};

function refusedFor({ container }: Recording, refusal: Error | undefined, { ffmpeg }: Tools): Error {
  if (ffmpeg !== undefined && refusal !== undefined) return refusal;
  const why =
    refusal?.message ?? `The recording is ${names[container] ?? container}, which this engine does not read.`;
  return unsupported(
    `${why} Converting it takes ffmpeg, and there is none.`,
    'Install ffmpeg, or convert the file to WAV first; on macOS: afconvert IN OUT.wav -f WAVE -d LEI16@16000 -c 1',
  );
}
