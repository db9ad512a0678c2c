// What the header of a file with uncompressed samples says: where the samples are, and how they are encoded.
import { unsupportedAudio } from '../reading/unusable-audio.ts';

export type Encoding =
  | 'u8'
  | 's8'
  | `s${16 | 24 | 32}${'le' | 'be'}`
  | `f${32 | 64}${'le' | 'be'}`
  | 'alaw'
  | 'ulaw'
  | 'ima-adpcm';

export interface PcmLayout {
  encoding: Encoding;
  /** Hz */
  rate: number;
  channels: number;
  dataOffset: number;
  dataBytes: number;
  /** Bytes of one sample frame; of a whole block for ADPCM. */
  blockBytes: number;
  /** Sample frames per block: 1, more for ADPCM. */
  blockFrames: number;
  /** Sample frames, including a truncated last ADPCM block. */
  frames: number;
  /** A WAV that every reader understands: 16-bit little endian PCM with correct sizes. */
  plain: boolean;
}

export const sampleBytes: Record<Exclude<Encoding, 'ima-adpcm'>, number> = {
  u8: 1,
  s8: 1,
  alaw: 1,
  ulaw: 1,
  s16le: 2,
  s16be: 2,
  s24le: 3,
  s24be: 3,
  s32le: 4,
  s32be: 4,
  f32le: 4,
  f32be: 4,
  f64le: 8,
  f64be: 8,
};

/** Limits against broken headers: with a sample rate of 1 Hz, a short file would be hours of audio. */
const rates = { lowest: 1000, highest: 768_000 };
const mostChannels = 64;

interface LayoutParts {
  encoding: Exclude<Encoding, 'ima-adpcm'>;
  rate: number;
  channels: number;
  dataOffset: number;
  /** The size in the header, or what the file contains if that is less. */
  dataBytes: number;
  /** If samples are padded: bytes of a whole sample frame. Each sample is at the start of its share. */
  blockBytes?: number;
  plain?: boolean;
}

export function pcmLayout(format: string, parts: LayoutParts): PcmLayout {
  checkSound(format, parts);
  const blockBytes = parts.blockBytes ?? sampleBytes[parts.encoding] * parts.channels;
  const frames = Math.max(0, Math.floor(parts.dataBytes / blockBytes));
  return {
    ...parts,
    blockBytes,
    blockFrames: 1,
    frames,
    dataBytes: frames * blockBytes,
    plain: parts.plain ?? false,
  };
}

export function checkSound(format: string, { rate, channels }: { rate: number; channels: number }): void {
  if (!(rate >= rates.lowest && rate <= rates.highest)) {
    throw unsupportedAudio(`The ${format} header declares a sample rate of ${rate} Hz.`);
  }
  if (!(channels >= 1 && channels <= mostChannels)) {
    throw unsupportedAudio(`The ${format} header declares ${channels} channels.`);
  }
}
