// Generated recordings: tones and pauses in a WAV, and the first bytes of other containers.

export interface WavForm {
  rate?: number;
  channels?: number;
  /** Sizes in the headers that differ from the real ones. */
  size?: number;
}

/** 16-bit PCM. A tone is `[Hz, seconds]`, a pause `[0, seconds]`. */
export function wav(
  tones: [hz: number, seconds: number][],
  { rate = 8000, channels = 1, size }: WavForm = {},
) {
  const lengths = tones.map(([, seconds]) => Math.round(seconds * rate));
  const frames = lengths.reduce((sum, length) => sum + length, 0);
  const bytes = Buffer.alloc(44 + frames * 2 * channels);
  bytes.write('RIFF....WAVEfmt ', 'latin1');
  bytes.writeUInt32LE(size ?? bytes.length - 8, 4);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2 * channels, 28);
  bytes.writeUInt16LE(2 * channels, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(size ?? bytes.length - 44, 40);
  let frame = 0;
  for (const [i, [hz]] of tones.entries()) {
    for (const end = frame + lengths[i]!; frame < end; frame++) {
      const sample = hz === 0 ? 0 : Math.round(8000 * Math.sin((2 * Math.PI * hz * frame) / rate));
      for (let channel = 0; channel < channels; channel++) {
        bytes.writeInt16LE(sample, 44 + (frame * channels + channel) * 2);
      }
    }
  }
  return bytes;
}

/** The first bytes of a container, written as Latin-1. */
export const head = (text: string) => Buffer.from(text, 'latin1');

/** A FLAC whose STREAMINFO states this many seconds, without any frames. */
export function flac(seconds: number, rate = 16_000): Buffer {
  const bytes = Buffer.alloc(42);
  bytes.write('fLaC\x80\x00\x00\x22', 'latin1');
  bytes.writeUIntBE(rate << 4, 18, 3);
  const samples = seconds * rate;
  bytes[21] = Math.floor(samples / 2 ** 32);
  bytes.writeUInt32BE(samples % 2 ** 32, 22);
  return bytes;
}

/** The first and the last page of an Ogg with Opus. */
export function opus(seconds: number): Buffer {
  const first = Buffer.alloc(47);
  first.write('OggS', 0);
  first.write('OpusHead', 28);
  first.writeUInt16LE(312, 38);
  const last = Buffer.alloc(28);
  last.write('OggS', 0);
  last.writeBigInt64LE(BigInt(seconds * 48_000 + 312), 6);
  return Buffer.concat([first, last]);
}

/** `ftyp`, and a `moov` with its first header. */
export function mp4(seconds: number): Buffer {
  const bytes = Buffer.alloc(24 + 116);
  bytes.writeUInt32BE(24, 0);
  bytes.write('ftypM4A ', 4);
  bytes.writeUInt32BE(116, 24);
  bytes.write('moov', 28);
  bytes.writeUInt32BE(108, 32);
  bytes.write('mvhd', 36);
  bytes.writeUInt32BE(1000, 52);
  bytes.writeUInt32BE(seconds * 1000, 56);
  return bytes;
}

/** 64 kbit/s of silence, according to the first header. */
export function mp3(seconds: number): Buffer {
  const bytes = Buffer.alloc(seconds * 8000);
  bytes.write('\xff\xfb\x50\x00', 'latin1');
  return bytes;
}

/** With this Duration. */
export function webm(seconds: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x1a\x45\xdf\xa3', 'latin1');
  bytes.write('\x44\x89\x88', 40, 'latin1');
  bytes.writeDoubleBE(seconds * 1000, 43);
  return bytes;
}
