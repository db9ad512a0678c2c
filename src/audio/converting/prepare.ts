// From a recording as it came to one an engine reads, by the cheapest way there is: unchanged, the
// same samples in a WAV, the same packets in another container, decoded here, converted by ffmpeg; or a refusal that says why.
import { layoutOf } from '../containers/index.ts';
import type { PcmLayout } from '../containers/layout.ts';
import type { Reads } from '../engines/engine.ts';
import { foreignContainers, isForeign } from '../reading/foreign.ts';
import { isRefusal, unsupported } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import { soundOf } from '../samples/sound.ts';
import { wavHeaderBytes } from '../samples/wav-file.ts';
import { converted, decoded, desilked, remuxed, type Tools, written } from './conversions.ts';

/** Of what is decoded for engines that take any rate: speech holds no more. */
const speechRate = 16_000;

export async function prepare(recording: Recording, reads: Reads, tools: Tools): Promise<Recording> {
  if (recording.container === 'silk' && tools.keepSilk) return recording;
  const pcm = await pcmOf(recording, tools);
  if (isReadable(recording, reads, pcm.layout)) return recording;
  const toWav = { rate: reads.wavRate ?? speechRate, mono: true };
  const byFfmpeg = reads.wavRate === undefined && reads.containers.has('flac') ? 'flac' : 'wav';
  const { result, refusal } = await firstOf([
    () => rewrapped(recording, pcm.layout, reads, tools),
    () => desilked(recording, reads.wavRate ?? tools.silkRate, tools),
    () => remuxed(recording, reads, tools),
    () => decoded(recording, toWav, tools),
    () => converted(recording, byFfmpeg, toWav.rate, tools),
  ]);
  if (result !== undefined) return result;
  // Nobody has tried whether the engine reads it, and there is no other way.
  const isUntried =
    refusal === undefined || isReadable({ ...recording, hasPicture: false }, reads, pcm.layout);
  if (recording.container !== 'wav' && reads.containers.has(recording.container) && isUntried)
    return recording;
  if (refusal !== undefined && pcm.refusal === undefined) throw refusal;
  throw tools.ffmpeg !== undefined && pcm.refusal ? pcm.refusal : needsFfmpeg(recording, pcm.refusal);
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

/** The same where its samples are only looked at: an ffmpeg that cannot be run costs nobody a transcript. */
export async function tryPcmWav(
  recording: Recording,
  rate: number,
  tools: Tools,
): Promise<Recording | undefined> {
  try {
    return await toPcmWav(recording, rate, tools);
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    if (code === 'ffmpeg_unavailable' || code === 'ffmpeg_timeout') return undefined;
    throw thrown;
  }
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

type Readable = Pick<Recording, 'container' | 'codec' | 'bytes'> & { hasPicture?: boolean };

function isReadable(recording: Readable, reads: Reads, layout: PcmLayout | undefined): boolean {
  const { container, codec, bytes, hasPicture = false } = recording;
  if (!reads.containers.has(container)) return false;
  if (codec !== undefined && reads.codecs?.[container]?.includes(codec) === false) return false;
  if (reads.codecs !== undefined && hasPicture) return false;
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

function needsFfmpeg({ container }: Recording, refusal: Error | undefined): Error {
  const name = isForeign(container) ? foreignContainers[container].name : (names[container] ?? container);
  const why = refusal?.message ?? `The recording is ${name}, which this engine does not read.`;
  return unsupported(
    `${why} Converting it requires ffmpeg, which was not found.`,
    isForeign(container)
      ? 'Install ffmpeg, or convert the file to WAV first.'
      : 'Install ffmpeg, or convert the file to WAV first; on macOS: afconvert IN OUT.wav -f WAVE -d LEI16@16000 -c 1',
  );
}
