// The duration of an MP3 (ISO 11172-3 2.4): from the encoder's Xing or Info frame, or by counting all frames. mediabunny
// computes it too, but keeps hours of frames in memory.
import type { ByteSource } from './byte-source.ts';
import { textAt, viewOf } from './byte-source.ts';

/** kbit/s by index, of MPEG-1 layers I, II, III and of MPEG-2 and 2.5 layers I, II and III. */
const bitRates = {
  mpeg1: [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  mpeg2: [
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
};
const sampleRates = [44_100, 48_000, 32_000];
const chunkBytes = 262_144;
const headerBytes = 4;
/** The encoder's tag is within this many bytes of the first frame. */
const tagBytes = 192;

interface Frame {
  bytes: number;
  samples: number;
  rate: number;
  /** Offset of the encoder's tag, if there is one. */
  tagAt: number;
}

/** In seconds; undefined for free-format streams. */
export async function mp3Duration(
  bytes: ByteSource,
  offset: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  let durationS = 0;
  let isFirst = true;
  for (let at = offset; at + headerBytes <= bytes.size; ) {
    signal.throwIfAborted();
    const chunk = await bytes.read(at, chunkBytes);
    const isLast = at + chunk.length >= bytes.size;
    let inside = 0;
    while (inside + headerBytes <= chunk.length) {
      const frame = frameAt(chunk, inside);
      if (frame === undefined) {
        inside++; // a tag, or damage
        continue;
      }
      if (isFirst && inside + tagBytes > chunk.length && !isLast) break;
      const tagged = isFirst ? encoderTag(chunk.subarray(inside), frame) : undefined;
      if (tagged !== undefined) return tagged;
      isFirst = false;
      durationS += frame.samples / frame.rate;
      inside += frame.bytes;
    }
    if (inside === 0) break;
    at += inside;
  }
  return isFirst ? undefined : durationS;
}

/** Undefined if no frame starts at `at`. */
export function frameAt(chunk: Uint8Array, at: number): Frame | undefined {
  const [b1 = 0, b2 = 0, b3 = 0] = [chunk[at + 1], chunk[at + 2], chunk[at + 3]];
  if (chunk[at] !== 0xff || (b1 & 0xe0) !== 0xe0) return undefined;
  const version = (b1 >> 3) & 3; // 0: 2.5, 2: 2, 3: 1
  const layer = 4 - ((b1 >> 1) & 3);
  const rate = (sampleRates[(b2 >> 2) & 3] ?? 0) / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const kbits = bitRates[version === 3 ? 'mpeg1' : 'mpeg2'][layer - 1]?.[b2 >> 4] ?? 0;
  if (version === 1 || layer === 4 || rate === 0 || kbits === 0) return undefined;
  const padding = (b2 >> 1) & 1;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const slot = layer === 1 ? 4 : 1;
  const length = (Math.floor(((samples / 8 / slot) * kbits * 1000) / rate) + padding) * slot;
  const isMono = b3 >> 6 === 3;
  const side = version === 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return { bytes: length, samples, rate, tagAt: headerBytes + side };
}

/** The duration from the tag in the first frame, without encoder delay and padding. The tag's frame contains no audio. */
function encoderTag(frame: Uint8Array, { samples, rate, tagAt }: Frame): number | undefined {
  const mark = textAt(frame, tagAt, 4);
  if ((mark !== 'Xing' && mark !== 'Info') || frame.length < tagAt + 12) return undefined;
  const view = viewOf(frame);
  const flags = view.getUint32(tagAt + 4);
  const frames = flags & 1 ? view.getUint32(tagAt + 8) : 0;
  if (frames === 0) return undefined;
  const fields = [1, 2, 4, 8].map((flag, index) => (flags & flag ? [4, 4, 100, 4][index]! : 0));
  const delaysAt = tagAt + 8 + fields.reduce((total, size) => total + size, 0) + 21;
  const delays = delaysAt + 3 <= frame.length ? view.getUint32(delaysAt - 1) & 0xffffff : 0;
  const cut = (delays >> 12) + (delays & 0xfff);
  return Math.max(0, frames * samples - cut) / rate;
}
