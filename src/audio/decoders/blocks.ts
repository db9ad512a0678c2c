// Turns a decoder into a Sound: file chunks or container packets in, blocks of samples out. The first block is decoded ahead,
// because only it shows the rate and the number of channels.
import type { EncodedPacket } from 'mediabunny';
import { openByteSource } from '../containers/byte-source.ts';
import type { Media } from '../containers/media.ts';
import { damagedAudio } from '../reading/unusable-audio.ts';
import type { Sound } from '../samples/sound.ts';
import type { FileDecoder, PacketDecoder } from './decoder.ts';

const chunkBytes = 16_384;
/** A block is complete after this many packets or seconds. */
const blockPackets = 50;
const blockS = 1;
/** Longest padding to remove at the end: more would not be encoder padding. */
const longestPaddingS = 0.25;

type Block = Float32Array[];

export interface Origin {
  /** For failure messages. */
  format: string;
  signal: AbortSignal;
}

export async function fileSound(origin: Origin, path: string, decoder: FileDecoder): Promise<Sound> {
  let rate = 0;
  async function* blocks(): AsyncGenerator<Block> {
    try {
      const bytes = await openByteSource(path);
      try {
        for (let at = 0; at < bytes.size; at += chunkBytes) {
          const decoded = await decoder.decode(await bytes.read(at, chunkBytes));
          if (rate !== 0 && decoded.rate !== 0 && decoded.rate !== rate)
            throw new RangeError('the sample rate changed');
          rate ||= decoded.rate;
          if (hasSamples(decoded.planes)) yield decoded.planes;
        }
        const last = await decoder.end();
        rate ||= last.rate;
        if (hasSamples(last.planes)) yield last.planes;
      } finally {
        await bytes.close();
      }
    } finally {
      decoder.close();
    }
  }
  return openSound(origin, () => rate, blocks());
}

export interface Trim {
  /** Sample frames of encoder delay at the beginning. */
  skip: number;
  /** Start time of the first packet. If given, samples after the end time of the last packet are removed. */
  startS?: number;
}

export function packetSound(
  origin: Origin,
  media: Media,
  decoder: PacketDecoder,
  trim: Trim,
): Promise<Sound> {
  async function* blocks(): AsyncGenerator<Block> {
    try {
      yield* trimEnds(decodedGroups(media, decoder), decoder.rate, trim);
    } finally {
      decoder.close();
      await media.close();
    }
  }
  return openSound(origin, () => decoder.rate, blocks());
}

/** A block, and the end time of its last packet in seconds. */
interface TimedBlock {
  planes: Block;
  endS: number;
}

async function* decodedGroups(media: Media, decoder: PacketDecoder): AsyncGenerator<TimedBlock> {
  let group: EncodedPacket[] = [];
  let failure: { thrown: unknown } | undefined; // thrown after the packets before it have been decoded
  const decodedGroup = (): TimedBlock => {
    const last = group.at(-1);
    const planes = decoder.decode(group.map(({ data }) => data));
    group = [];
    return { planes, endS: last === undefined ? 0 : last.timestamp + last.duration };
  };
  try {
    for await (const packet of media.packets()) {
      group.push(packet);
      const lengthS = packet.timestamp - (group[0]?.timestamp ?? 0);
      if (group.length >= blockPackets || lengthS >= blockS) yield decodedGroup();
    }
  } catch (thrown) {
    failure = { thrown };
  }
  if (group.length > 0) yield decodedGroup();
  if (failure !== undefined) throw failure.thrown;
}

/** Removes delay and padding. One block is held back until it is known whether it is the last. */
async function* trimEnds(
  groups: AsyncIterable<TimedBlock>,
  rate: number,
  { skip, startS }: Trim,
): AsyncGenerator<Block> {
  let toSkip = skip;
  let frames = 0;
  let held: Block | undefined;
  let endS = 0;
  let failure: { thrown: unknown } | undefined;
  try {
    for await (const group of groups) {
      endS = group.endS;
      const length = group.planes[0]?.length ?? 0;
      const skipped = Math.min(toSkip, length);
      toSkip -= skipped;
      if (length === skipped) continue;
      frames += length - skipped;
      if (held !== undefined) yield held;
      held = group.planes.map((plane) => plane.subarray(skipped));
    }
  } catch (thrown) {
    failure = { thrown };
  }
  const surplus = startS === undefined ? 0 : frames - Math.round((endS - startS) * rate);
  const length = held?.[0]?.length ?? 0;
  const keepInBundle =
    surplus > 0 && surplus <= longestPaddingS * rate ? Math.max(0, length - surplus) : length;
  if (held !== undefined && keepInBundle > 0) yield held.map((plane) => plane.subarray(0, keepInBundle));
  if (failure !== undefined) throw failure.thrown;
}

/** Reads up to the first block. A decoding error before it means a damaged file; a later one ends the sound early. */
async function openSound(origin: Origin, rate: () => number, blocks: AsyncGenerator<Block>): Promise<Sound> {
  const first = await blocks.next();
  if (first.done) throw damagedAudio(origin.format);
  const channels = first.value.length;
  async function* all(): AsyncGenerator<Block> {
    yield first.value as Block;
    try {
      for await (const planes of blocks) {
        if (planes.length !== channels) throw new RangeError('the number of channels changed');
        yield planes;
      }
    } catch (thrown) {
      if (origin.signal.aborted) throw thrown;
      sound.isTruncated = true;
    }
  }
  const close = async () => void (await blocks.return(undefined));
  const sound: Sound = { rate: rate(), channels, blocks: all(), close };
  return sound;
}

function hasSamples(planes: Block): boolean {
  return (planes[0]?.length ?? 0) > 0;
}
