// What silk-wasm is given and what is taken from its output, so that it equals the SDK's own decoder sample by sample
// (reference/asr.md 6.3; silk-wasm 3.7.1, idranme/silk-wasm:binding/libSilkCodec/src/decoder.c). Runs on the calling thread.
import type { Failure } from '../../failure.ts';
import { framesPerS, invalidSilk, longestFrames, magic, mark, tooLong } from './container.ts';

const rates = [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000] as const;
/** What the decoder can resample to, in Hz; any other number makes it trap or write wrong sound. */
export type SilkRate = (typeof rates)[number];

export function isSilkRate(rate: number): rate is SilkRate {
  return (rates as readonly number[]).includes(rate);
}

const mostFramesPerPacket = 5;
/** Of the packets that tell how many frames those of this file hold. */
const sampledPackets = 50;

/** The SDK takes a packet of more than 1024 bytes for lost, and conceals one frame. */
const lost = new Uint8Array(1025);
const nothing = new Uint8Array(0);

/** Packets as a file holds them; at least one. */
export async function decodePackets(packets: readonly Uint8Array[], rate: SilkRate): Promise<Int16Array> {
  const mayBeTooLong = packets.length * mostFramesPerPacket > longestFrames;
  const hasLost = packets.some((packet) => packet.length === 0);
  const perPacket = mayBeTooLong || hasLost ? await framesPerPacket(packets) : 1;
  if (packets.length * perPacket > longestFrames) throw tooLong();
  const samples = await decodeFrames(withLost(packets, perPacket), rate);
  // Packets of different lengths, which no known encoder writes.
  if (samples.length > (longestFrames * rate) / framesPerS) throw tooLong();
  return samples;
}

/** The last rounding is for a damaged packet among those looked at: it counts as one frame. */
async function framesPerPacket(packets: readonly Uint8Array[]): Promise<number> {
  const some = packets.filter((packet) => packet.length > 0).slice(0, sampledPackets);
  if (some.length === 0) return 1;
  const rate = rates[0];
  const samples = await decodeFrames(some, rate);
  return Math.round((samples.length * framesPerS) / rate / some.length);
}

/**
 * An empty packet stands for the time of the others, and before the first of them for one frame. The binding does not say
 * to the SDK that an empty packet is lost: the bytes of the packet before it would be decoded again, and the sound after it
 * would differ.
 */
function withLost(packets: readonly Uint8Array[], perPacket: number): Uint8Array[] {
  const first = packets.findIndex((packet) => packet.length > 0);
  return packets.flatMap((packet, index) => {
    if (packet.length > 0) return [packet];
    return Array.from({ length: index < first ? 1 : perPacket }, () => lost);
  });
}

/**
 * The binding plays the first two packets while it reads the next two, and forgets those: they must be empty. When it finds
 * the end with an empty packet in hand, it appends exactly two frames of its own.
 */
async function decodeFrames(packets: readonly Uint8Array[], rate: SilkRate): Promise<Int16Array> {
  const { decode } = await import('silk-wasm');
  const ahead = packets.length === 1 ? 1 : 2;
  const fed = fileOf([...packets.slice(0, ahead), nothing, nothing, ...packets.slice(ahead), nothing]);
  try {
    const { data } = await decode(fed, rate);
    const samples = data.byteLength / Int16Array.BYTES_PER_ELEMENT - (2 * rate) / framesPerS;
    return new Int16Array(data.buffer, data.byteOffset, samples);
  } catch (thrown) {
    throw undecodable(thrown);
  }
}

/** With the mark and without an end marker: the binding refuses a file without the one and plays the other. */
function fileOf(packets: readonly Uint8Array[]): Uint8Array {
  const bytes = packets.reduce((sum, packet) => sum + 2 + packet.length, 1 + magic.length);
  const file = new Uint8Array(bytes);
  file[0] = mark;
  file.set(magic, 1);
  let at = 1 + magic.length;
  for (const packet of packets) {
    file[at] = packet.length & 0xff;
    file[at + 1] = packet.length >> 8;
    file.set(packet, at + 2);
    at += 2 + packet.length;
  }
  return file;
}

function undecodable(cause?: unknown): Failure {
  return invalidSilk(
    'The SILK recording cannot be decoded.',
    'Send the recording as it was first saved.',
    cause,
  );
}
