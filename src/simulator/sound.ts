// Analyses a recording: its duration, and the words in it. Each steady tone between pauses is a word, its pitch in Hz,
// so a recording that is split at its pauses has the same words as the whole.

/** In seconds, if the container contains it (docs/wire/audio.md#duration). */
export function secondsOf(bytes: Buffer): number | undefined {
  if (isAt(bytes, 0, 'RIFF')) return wavOf(bytes)?.seconds;
  if (isAt(bytes, 0, 'fLaC')) return flacSeconds(bytes);
  if (isAt(bytes, 0, 'OggS')) return oggSeconds(bytes);
  if (isAt(bytes, 4, 'ftyp')) return mp4Seconds(bytes);
  if (bytes[0] === 0x1a) return webmSeconds(bytes);
  return mp3Seconds(bytes);
}

/** Undefined for anything but 16-bit PCM in a WAV; empty for silence. */
export function wordsOf(bytes: Buffer): string[] | undefined {
  const wav = wavOf(bytes);
  if (wav?.samples === undefined) return undefined;
  return burstsOf(wav.samples, wav.rate).map(([from, to]) =>
    pitchOf(wav.samples!.subarray(from, to), wav.rate),
  );
}

interface Wav {
  seconds: number;
  rate: number;
  /** Samples of the first channel, if they are 16-bit PCM. */
  samples: Int16Array | undefined;
}

/**
 * Sizes of 0 and beyond the end mean up to the end (docs/wire/audio.md#wav-sizes). Undefined without a format or
 * samples.
 */
export function wavOf(bytes: Buffer): Wav | undefined {
  let format: Buffer | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (isAt(bytes, at, 'fmt ') && body.length >= 16) format = body;
    if (isAt(bytes, at, 'data')) {
      const sound = size === 0 ? bytes.subarray(at + 8) : body;
      const bytesPerSecond = format?.readUInt32LE(8) ?? 0;
      if (format === undefined || bytesPerSecond === 0 || sound.length === 0) return undefined;
      return {
        seconds: sound.length / bytesPerSecond,
        rate: format.readUInt32LE(4),
        samples: samplesOf(sound, format),
      };
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}

function samplesOf(sound: Buffer, format: Buffer): Int16Array | undefined {
  const [kind, channels, bits] = [format.readUInt16LE(0), format.readUInt16LE(2), format.readUInt16LE(14)];
  if (kind !== 1 || bits !== 16 || channels === 0) return undefined;
  const samples = new Int16Array(Math.floor(sound.length / (2 * channels)));
  for (let i = 0; i < samples.length; i++) samples[i] = sound.readInt16LE(i * 2 * channels);
  return samples;
}

const loud = 300;
const pauseS = 0.15;

/** From the first loud sample to the last one before a pause. */
function burstsOf(samples: Int16Array, rate: number): [from: number, to: number][] {
  const bursts: [number, number][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]!) < loud) continue;
    if (i - last > pauseS * rate) bursts.push([i, i + 1]);
    else bursts.at(-1)![1] = i + 1;
    last = i;
  }
  return bursts;
}

/** From the distance between rising zero crossings, to the nearest 10 Hz. */
function pitchOf(samples: Int16Array, rate: number): string {
  const rising: number[] = [];
  for (let i = 1; i < samples.length; i++) if (samples[i - 1]! < 0 && samples[i]! >= 0) rising.push(i);
  const hz = (rate * (rising.length - 1)) / (rising.at(-1)! - rising[0]!);
  return String(Math.round((hz || 0) / 10) * 10);
}

function flacSeconds(bytes: Buffer): number | undefined {
  if (bytes.length < 26) return undefined;
  const rate = bytes.readUIntBE(18, 3) >> 4;
  const samples = (bytes[21]! & 15) * 2 ** 32 + bytes.readUInt32BE(22);
  return samples / rate || undefined;
}

/** The last page has the total number of samples. */
function oggSeconds(bytes: Buffer): number | undefined {
  const last = bytes.lastIndexOf('OggS');
  if (last + 14 > bytes.length) return undefined;
  const samples = Number(bytes.readBigInt64LE(last + 6));
  const opus = bytes.indexOf('OpusHead');
  if (opus >= 0 && opus + 12 <= bytes.length) return (samples - bytes.readUInt16LE(opus + 10)) / 48_000;
  const vorbis = bytes.indexOf('\x01vorbis');
  if (vorbis >= 0 && vorbis + 16 <= bytes.length) return samples / bytes.readUInt32LE(vorbis + 12);
  return undefined;
}

function mp4Seconds(bytes: Buffer): number | undefined {
  const at = bytes.indexOf('mvhd') + 4;
  if (at < 4 || at + 32 > bytes.length) return undefined;
  if (bytes[at] === 0) return bytes.readUInt32BE(at + 16) / bytes.readUInt32BE(at + 12) || undefined;
  return Number(bytes.readBigUInt64BE(at + 24)) / bytes.readUInt32BE(at + 20) || undefined;
}

/** In milliseconds, as nearly all writers use; a live recording has none. */
function webmSeconds(bytes: Buffer): number | undefined {
  const at = bytes.subarray(0, 4096).indexOf('\x44\x89', 'latin1');
  if (at < 0 || at + 11 > bytes.length) return undefined;
  if (bytes[at + 2] === 0x88) return bytes.readDoubleBE(at + 3) / 1000;
  return bytes[at + 2] === 0x84 ? bytes.readFloatBE(at + 3) / 1000 : undefined;
}

const mp3Rates = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** Estimated from the first frame's bit rate. */
function mp3Seconds(bytes: Buffer): number | undefined {
  const at = skipTag(bytes);
  if (at + 4 > bytes.length) return undefined;
  const version = (bytes[at + 1]! & 0x18) === 0x18 ? 1 : 2;
  const kilobits = mp3Rates[version][bytes[at + 2]! >> 4];
  return kilobits ? ((bytes.length - at) * 8) / (kilobits * 1000) : undefined;
}

/** The end of an ID3 tag. */
export function skipTag(bytes: Buffer): number {
  if (!isAt(bytes, 0, 'ID3') || bytes.length < 10) return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (bytes[at]! & 127), 0);
  return 10 + size + (bytes[5]! & 16 ? 10 : 0);
}

function isAt(bytes: Buffer, at: number, mark: string): boolean {
  return bytes.subarray(at, at + mark.length).toString('latin1') === mark;
}
