// What the header of any file of plain samples comes to: where the samples lie, and how.
import { unsupported } from '../reading/unusable-audio.ts';

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
  /** Of one sample of every channel; of a whole block for ADPCM. */
  blockBytes: number;
  /** 1; more for ADPCM. */
  blockFrames: number;
  /** Sample frames, a last ADPCM block that is cut off included. */
  frames: number;
  /** A WAV that every reader understands: 16-bit, little endian, the plain format, true sizes. */
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

/** Outside of these no recording is honest, and a rate of 1 Hz would become hours of samples. */
const rates = { lowest: 1000, highest: 768_000 };
const mostChannels = 64;

interface LayoutParts {
  encoding: Exclude<Encoding, 'ima-adpcm'>;
  rate: number;
  channels: number;
  dataOffset: number;
  /** What the header says and the file holds, whichever is less. */
  dataBytes: number;
  /** When a sample takes more room than its encoding needs; it lies at the beginning of the room then. */
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
    throw unsupported(`The ${format} header says a sample rate of ${rate} Hz.`);
  }
  if (!(channels >= 1 && channels <= mostChannels)) {
    throw unsupported(`The ${format} header says ${channels} channels.`);
  }
}
