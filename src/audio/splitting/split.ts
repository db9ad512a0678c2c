// Decides whether a recording is split, and writes the files of its segments.
import { Failure } from '../../failure.ts';
import { layoutOf } from '../containers/index.ts';
import type { PcmLayout } from '../containers/layout.ts';
import type { Tools } from '../converting/conversions.ts';
import { toPcmWav } from '../converting/prepare.ts';
import type { AcceptedInput } from '../engines/engine.ts';
import type { Recording } from '../recording.ts';
import { saveWav } from '../samples/wav-file.ts';
import { type Levels, levelsOf } from './levels.ts';
import { type AudioSegment, planSegments } from './plan.ts';

/** Segments are 16 kHz mono WAV; speech engines use no more than that. */
export const segmentRate = 16_000;

/** If the duration is unknown, a larger file counts as long. */
const longFileBytes = 8_000_000;

export interface SplitResult {
  /** What to transcribe: a 16 kHz WAV if there are segments. */
  recording: Recording;
  /** Undefined if the recording is sent whole. */
  segments?: AudioSegment[];
  warning?: string;
}

/** `segmentS`: target length of a segment, undefined for no limit. `times`: segment boundaries will serve as timestamps. */
export async function splitRecording(
  recording: Recording,
  accepts: AcceptedInput,
  options: { segmentS: number | undefined; times: boolean },
  tools: Tools,
): Promise<SplitResult> {
  const { durationS } = recording;
  const tooLarge = accepts.largestBytes !== undefined && recording.bytes > accepts.largestBytes;
  if (!tooLarge && !isTooLong(recording, options)) return { recording };
  const wav = await toPcmWav(recording, segmentRate, tools);
  if (wav === undefined) {
    const refuse = (kind: RefusalKind, problem: string) =>
      cannotSplit(kind, problem, tools.ffmpeg !== undefined);
    if (tooLarge) throw refuse('too_large', `is larger than ${accepts.largestBytes! / 1e6} MB`);
    if (options.times) throw refuse('invalid_request', 'must be split to get timestamps');
    if (durationS !== undefined && durationS > (accepts.longestS ?? Number.POSITIVE_INFINITY)) {
      throw refuse('invalid_request', `is longer than ${Math.round(accepts.longestS! / 60)} minutes`);
    }
    return {
      recording,
      warning: `The recording is long and could not be split${tools.ffmpeg === undefined ? ' without ffmpeg' : ''}: the end of its transcript may be missing.`,
    };
  }
  if (!isTooLong(wav, options)) {
    if (tooLarge) return { recording: wav };
    return {
      recording: wav.durationS === undefined ? recording : { ...recording, durationS: wav.durationS },
    };
  }
  return { recording: wav, segments: await segmentsOf(wav, options.segmentS!, tools.signal) };
}

/** The levels of a WAV from `toPcmWav`. */
export async function levelsOfWav(wav: Recording, signal: AbortSignal): Promise<Levels> {
  return levelsOf(wav.path, await wavLayout(wav), signal);
}

/** The segments of a WAV from `toPcmWav`. */
export async function segmentsOf(
  wav: Recording,
  segmentS: number,
  signal: AbortSignal,
): Promise<AudioSegment[]> {
  return planSegments(await levelsOfWav(wav, signal), segmentS);
}

function isTooLong(
  { durationS, bytes }: Recording,
  options: { segmentS: number | undefined; times: boolean },
): boolean {
  if (options.segmentS === undefined) return false;
  if (durationS === undefined) return options.times || bytes > longFileBytes;
  return durationS > options.segmentS;
}

type RefusalKind = 'too_large' | 'invalid_request';

function cannotSplit(kind: RefusalKind, problem: string, hasFfmpeg: boolean): Failure {
  const reason = hasFfmpeg
    ? 'ffmpeg cannot decode it; the file is damaged or incomplete'
    : 'it has no decoder for this format';
  return new Failure(kind, `The recording ${problem}, and codexd cannot split it: ${reason}.`, {
    code: kind === 'too_large' ? 'payload_too_large' : 'unsupported_audio',
    param: 'file',
    advice: hasFfmpeg
      ? 'Send the original file again, or convert it to WAV.'
      : 'Install ffmpeg, or send the recording in shorter parts.',
  });
}

/** Writes one segment of a WAV from `toPcmWav` to `path`. */
export async function extractWav(
  wav: Recording,
  { startS, endS }: AudioSegment,
  path: string,
): Promise<Recording> {
  const { dataOffset, dataBytes } = await wavLayout(wav);
  const byteAt = (seconds: number) => dataOffset + Math.min(dataBytes, Math.round(seconds * segmentRate) * 2);
  const samples = await Bun.file(wav.path).slice(byteAt(startS), byteAt(endS)).bytes();
  const bytes = await saveWav(path, segmentRate, samples);
  return { path, container: 'wav', codec: 'pcm', bytes, durationS: endS - startS };
}

async function wavLayout(wav: Recording): Promise<PcmLayout> {
  const layout = await layoutOf(wav, undefined);
  if (layout === undefined) throw new Error('a WAV written by codexd has no samples');
  return layout;
}
