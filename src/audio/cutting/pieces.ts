// Whether a recording is cut, and the files of its pieces.
import { Failure } from '../../failure.ts';
import { layoutOf } from '../containers/index.ts';
import type { PcmLayout } from '../containers/layout.ts';
import type { Tools } from '../converting/conversions.ts';
import { toPcmWav } from '../converting/prepare.ts';
import type { Reads } from '../engines/engine.ts';
import type { Recording } from '../recording.ts';
import { saveWav } from '../samples/wav-file.ts';
import { type Piece, planPieces } from './cuts.ts';
import { type Levels, levelsOf } from './levels.ts';

/** 16 kHz mono: the rate pieces are cut at, and all that speech engines use. */
export const pieceRate = 16_000;

/** Nobody can tell how long it is; a file above this is taken for a long one. */
const unknownBytes = 8_000_000;

export interface Cut {
  /** What the pieces are cut from: a 16 kHz WAV when there are several. */
  recording: Recording;
  /** Undefined: the recording goes as a whole. */
  pieces?: Piece[];
  warning?: string;
}

/** `pieceS`: longest piece, where there is such a limit. `times`: the pieces are to stand for subtitles. */
export async function cutUp(
  recording: Recording,
  reads: Reads,
  wish: { pieceS: number | undefined; times: boolean },
  tools: Tools,
): Promise<Cut> {
  const { durationS } = recording;
  const tooLarge = reads.largestBytes !== undefined && recording.bytes > reads.largestBytes;
  if (!tooLarge && !isTooLong(recording, wish)) return { recording };
  const wav = await toPcmWav(recording, pieceRate, tools);
  if (wav === undefined) {
    const refuse = (kind: CannotCut, why: string) => cannotCut(kind, why, tools.ffmpeg !== undefined);
    if (tooLarge) throw refuse('too_large', `is larger than ${reads.largestBytes! / 1e6} MB`);
    if (wish.times) throw refuse('invalid_request', 'has no times of its own');
    if (durationS !== undefined && durationS > (reads.longestS ?? Number.POSITIVE_INFINITY)) {
      throw refuse('invalid_request', `is longer than ${Math.round(reads.longestS! / 60)} minutes`);
    }
    return {
      recording,
      warning: `The recording is long and could not be cut${tools.ffmpeg === undefined ? ' without ffmpeg' : ''}: the end of its text may be missing.`,
    };
  }
  if (!isTooLong(wav, wish)) {
    if (tooLarge) return { recording: wav };
    return {
      recording: wav.durationS === undefined ? recording : { ...recording, durationS: wav.durationS },
    };
  }
  return { recording: wav, pieces: await piecesOf(wav, wish.pieceS!, tools.signal) };
}

/** How loud a WAV is, as `toPcmWav` makes it. */
export async function levelsIn(wav: Recording, signal: AbortSignal): Promise<Levels> {
  return levelsOf(wav.path, await samplesOf(wav), signal);
}

/** The pieces of a WAV as `toPcmWav` makes it. */
export async function piecesOf(wav: Recording, pieceS: number, signal: AbortSignal): Promise<Piece[]> {
  return planPieces(await levelsIn(wav, signal), pieceS);
}

function isTooLong(
  { durationS, bytes }: Recording,
  wish: { pieceS: number | undefined; times: boolean },
): boolean {
  if (wish.pieceS === undefined) return false;
  if (durationS === undefined) return wish.times || bytes > unknownBytes;
  return durationS > wish.pieceS;
}

type CannotCut = 'too_large' | 'invalid_request';

function cannotCut(kind: CannotCut, why: string, hasFfmpeg: boolean): Failure {
  const reason = hasFfmpeg
    ? 'ffmpeg cannot decode it; the file is damaged or incomplete'
    : 'nothing here decodes it';
  return new Failure(kind, `The recording ${why}, and it cannot be cut: ${reason}.`, {
    code: kind === 'too_large' ? 'payload_too_large' : 'unsupported_audio',
    param: 'file',
    advice: hasFfmpeg
      ? 'Send the original file again, or convert it to WAV.'
      : 'Install ffmpeg, or send it in shorter parts.',
  });
}

/** The file of one piece, cut from a WAV as `toPcmWav` makes it. */
export async function cutWav(wav: Recording, { startS, endS }: Piece, path: string): Promise<Recording> {
  const { dataOffset, dataBytes } = await samplesOf(wav);
  const byteAt = (seconds: number) => dataOffset + Math.min(dataBytes, Math.round(seconds * pieceRate) * 2);
  const samples = await Bun.file(wav.path).slice(byteAt(startS), byteAt(endS)).bytes();
  const bytes = await saveWav(path, pieceRate, samples);
  return { path, container: 'wav', codec: 'pcm', bytes, durationS: endS - startS };
}

async function samplesOf(wav: Recording): Promise<PcmLayout> {
  const layout = await layoutOf(wav, undefined);
  if (layout === undefined) throw new Error('a WAV of ours has no samples');
  return layout;
}
