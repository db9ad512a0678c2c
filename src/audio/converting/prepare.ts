// Turns a recording into one the engine accepts in the cheapest possible way: unchanged, the same samples in a WAV, the same
// packets in another container, decoded here, converted by ffmpeg; or throws a Failure that gives the reason.
import { layoutOf } from '../containers/index.ts';
import type { PcmLayout } from '../containers/layout.ts';
import type { AcceptedInput } from '../engines/engine.ts';
import { ffmpegContainers, isFfmpegOnly } from '../reading/ffmpeg-only.ts';
import { isRefusal, unsupportedAudio } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import { soundOf } from '../samples/sound.ts';
import { wavHeaderBytes } from '../samples/wav-file.ts';
import { decodeSilk, decodeToWav, remux, rewriteAsWav, type Tools, transcode } from './conversions.ts';

/** In Hz, for engines that accept any rate: speech engines use no more. */
const speechRate = 16_000;

export async function prepare(
  recording: Recording,
  accepts: AcceptedInput,
  tools: Tools,
): Promise<Recording> {
  if (recording.container === 'silk' && tools.keepSilk) return recording;
  const pcm = await pcmOf(recording, tools);
  if (isReadable(recording, accepts, pcm.layout)) return recording;
  const toWav = { rate: accepts.wavRate ?? speechRate, mono: true };
  const byFfmpeg = accepts.wavRate === undefined && accepts.containers.has('flac') ? 'flac' : 'wav';
  const { result, refusal } = await firstSuccess([
    () => rewrapAsWav(recording, pcm.layout, accepts, tools),
    () => decodeSilk(recording, accepts.wavRate ?? tools.silkRate, tools),
    () => remux(recording, accepts, tools),
    () => decodeToWav(recording, toWav, tools),
    () => transcode(recording, byFfmpeg, toWav.rate, tools),
  ]);
  if (result !== undefined) return result;
  // The last resort: whether the engine decodes this codec is unknown.
  const isUntried =
    refusal === undefined || isReadable({ ...recording, hasVideo: false }, accepts, pcm.layout);
  if (recording.container !== 'wav' && accepts.containers.has(recording.container) && isUntried)
    return recording;
  if (refusal !== undefined && pcm.refusal === undefined) throw refusal;
  throw tools.ffmpeg !== undefined && pcm.refusal ? pcm.refusal : needsFfmpeg(recording, pcm.refusal);
}

/** Converts to 16-bit mono WAV at `rate` Hz; undefined if codexd cannot decode the recording. */
export async function toPcmWav(
  recording: Recording,
  rate: number,
  tools: Tools,
): Promise<Recording | undefined> {
  const { layout } = await pcmOf(recording, tools);
  if (layout?.plain && layout.rate === rate && layout.channels === 1) return recording;
  const form = { rate, mono: true };
  const { result } = await firstSuccess([
    () => rewriteAsWav(recording, layout && soundOf(recording.path, layout), form, tools),
    () => decodeSilk(recording, rate, tools),
    () => decodeToWav(recording, form, tools),
    () => transcode(recording, 'wav', rate, tools),
  ]);
  return result;
}

/** Like toPcmWav, for samples that are only analysed: an ffmpeg that cannot run must not fail the request. */
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

type Conversion = () => Promise<Recording | undefined>;

/** The first result. Another decoder may still read a file that one refuses; if none does, the first refusal counts. */
async function firstSuccess(conversions: Conversion[]): Promise<{ result?: Recording; refusal?: Error }> {
  let refusal: Error | undefined;
  for (const convert of conversions) {
    try {
      const result = await convert();
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

type Readable = Pick<Recording, 'container' | 'codec' | 'bytes'> & { hasVideo?: boolean };

function isReadable(recording: Readable, accepts: AcceptedInput, layout: PcmLayout | undefined): boolean {
  const { container, codec, bytes, hasVideo = false } = recording;
  if (!accepts.containers.has(container)) return false;
  if (codec !== undefined && accepts.codecs?.[container]?.includes(codec) === false) return false;
  if (accepts.codecs !== undefined && hasVideo) return false;
  if (container !== 'wav') return true;
  if (!layout?.plain) return false;
  if (accepts.wavRate !== undefined) return layout.rate === accepts.wavRate && layout.channels === 1;
  return bytes <= (accepts.largestBytes ?? Number.POSITIVE_INFINITY);
}

/** Keeps rate and channels if the engine accepts any and the result is not too large for it. */
function rewrapAsWav(
  recording: Recording,
  layout: PcmLayout | undefined,
  accepts: AcceptedInput,
  tools: Tools,
): Promise<Recording | undefined> {
  const bytes = wavHeaderBytes + (layout?.frames ?? 0) * (layout?.channels ?? 0) * 2;
  const keep = accepts.wavRate === undefined && bytes <= (accepts.largestBytes ?? Number.POSITIVE_INFINITY);
  const form = keep ? { mono: false } : { rate: accepts.wavRate ?? speechRate, mono: true };
  return rewriteAsWav(recording, layout && soundOf(recording.path, layout), form, tools);
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
  const name = isFfmpegOnly(container) ? ffmpegContainers[container].name : (names[container] ?? container);
  const problem = refusal?.message ?? `The recording is ${name}, which this engine does not accept.`;
  return unsupportedAudio(
    `${problem} Converting it requires ffmpeg, which was not found.`,
    isFfmpegOnly(container)
      ? 'Install ffmpeg, or convert the file to WAV first.'
      : 'Install ffmpeg, or convert the file to WAV first; on macOS: afconvert IN OUT.wav -f WAVE -d LEI16@16000 -c 1',
  );
}
