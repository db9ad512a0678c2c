// Recognises recordings that do not begin with a header: a radio dump starts in the middle of a frame, and some writers put
// bytes of their own first. A chain of frames, each starting where the previous one ends, identifies the format.
import { type ByteSource, textAt } from '../containers/byte-source.ts';
import { frameAt } from '../containers/mp3.ts';
import type { Sniffed } from './sniff.ts';

/** The chain must begin within this range. The longest frames are AC-3's, 4 KB. */
const searchedBytes = 65_536;
/** With room for a chain of the longest frames. */
const readBytes = searchedBytes + 32_768;
/** A sync word of two bytes proves nothing; this many consecutive frames do. */
const provingFrames = 4;

/** The length of the frame at `at`, and a key that is the same for all frames of a stream. */
type ReadFrame = (bytes: Uint8Array, at: number) => { bytes: number; kind: string } | undefined;

const streams: readonly (Sniffed & { read: ReadFrame })[] = [
  { container: 'adts', codec: 'aac', read: adtsFrame },
  { container: 'mp3', codec: 'mp3', read: mpegFrame },
  { container: 'ac3', read: ac3Frame },
  { container: 'eac3', read: eac3Frame },
  { container: 'latm', codec: 'aac', read: loasFrame },
  { container: 'mpegts', read: (bytes, at) => transportPacket(bytes, at, 188) },
  { container: 'mpegts', read: (bytes, at) => transportPacket(bytes, at, 192) },
];

/** `offset` is the position of the first whole frame. */
export async function sniffMidStream(
  bytes: ByteSource,
): Promise<(Required<Omit<Sniffed, 'codec'>> & Sniffed) | undefined> {
  const head = await bytes.read(0, readBytes);
  for (let offset = 0; offset < Math.min(searchedBytes, head.length); offset++) {
    for (const { read, ...stream } of streams) {
      if (isChain(head, offset, read)) return { ...stream, offset };
    }
  }
  return undefined;
}

function isChain(head: Uint8Array, offset: number, read: ReadFrame): boolean {
  const first = read(head, offset);
  if (first === undefined) return false;
  let at = offset + first.bytes;
  for (let frames = 1; frames < provingFrames; frames++) {
    const next = read(head, at);
    if (next?.kind !== first.kind) return false;
    at += next.bytes;
  }
  return true;
}

function mpegFrame(bytes: Uint8Array, at: number): ReturnType<ReadFrame> {
  if (bytes[at] !== 0xff) return undefined;
  const frame = frameAt(bytes, at);
  return frame && { bytes: frame.bytes, kind: `${frame.rate} ${frame.samples}` };
}

/** ISO 13818-7 6.2: profile, rate and channels are constant, and the length has 13 bits. */
function adtsFrame(bytes: Uint8Array, at: number): ReturnType<ReadFrame> {
  const [b0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
  if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0) return undefined;
  const length = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  return length < 7 ? undefined : { bytes: length, kind: `${b1} ${b2 & 0xfd} ${b3 >> 6}` };
}

const ac3KbitRates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/** ATSC A/52 5.4.1 and table 5.18. */
function ac3Frame(bytes: Uint8Array, at: number): ReturnType<ReadFrame> {
  const [b0, b1, , , b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
  if (b0 !== 0x0b || b1 !== 0x77 || b5 >> 3 > 10) return undefined;
  const [rate, size] = [b4 >> 6, b4 & 63];
  const kbits = ac3KbitRates[size >> 1];
  if (kbits === undefined || rate === 3) return undefined;
  const words = [kbits * 2, Math.floor((kbits * 320) / 147) + (size & 1), kbits * 3][rate]!;
  return { bytes: words * 2, kind: String(rate) };
}

/** ATSC A/52 annex E. */
function eac3Frame(bytes: Uint8Array, at: number): ReturnType<ReadFrame> {
  const [b0, b1, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
  if (b0 !== 0x0b || b1 !== 0x77 || b5 >> 3 <= 10 || b5 >> 3 > 16) return undefined;
  return { bytes: ((((b2 & 7) << 8) | b3) + 1) * 2, kind: String(b4 >> 6) };
}

/** ISO 14496-3 1.7.2: a sync word of eleven bits and a length of thirteen. */
function loasFrame(bytes: Uint8Array, at: number): ReturnType<ReadFrame> {
  const [b0, b1 = 0, b2 = 0] = bytes.subarray(at, at + 3);
  if (b0 !== 0x56 || b1 >> 5 !== 7) return undefined;
  const length = ((b1 & 31) << 8) | b2;
  return length === 0 ? undefined : { bytes: length + 3, kind: '' };
}

function transportPacket(bytes: Uint8Array, at: number, length: 188 | 192): ReturnType<ReadFrame> {
  const sync = at + length - 188;
  return textAt(bytes, sync, 1) === 'G' ? { bytes: length, kind: '' } : undefined;
}
