// From a decoder to a sound: pieces of a file or packets of a container in, blocks of samples out, the first of which is
// there already, for only it tells the rate and the channels.
import type { EncodedPacket } from 'mediabunny';
import { openBytes } from '../containers/bytes.ts';
import type { Media } from '../containers/media.ts';
import { damaged } from '../reading/unusable-audio.ts';
import type { Sound } from '../samples/sound.ts';
import type { FileDecoder, PacketDecoder } from './decoder.ts';

const pieceBytes = 16_384;
/** So many packets, or so many seconds of them, are a block. */
const blockPackets = 50;
const blockS = 1;
/** What the end of a recording can be cut by: less than the longest packet there is. */
const mostTrimS = 0.25;

type Block = Float32Array[];

export interface Origin {
  /** For the message of a failure. */
  format: string;
  signal: AbortSignal;
}

export async function fileSound(origin: Origin, path: string, decoder: FileDecoder): Promise<Sound> {
  let rate = 0;
  async function* blocks(): AsyncGenerator<Block> {
    try {
      const bytes = await openBytes(path);
      try {
        for (let at = 0; at < bytes.size; at += pieceBytes) {
          const decoded = await decoder.decode(await bytes.read(at, pieceBytes));
          if (rate !== 0 && decoded.rate !== 0 && decoded.rate !== rate) throw new RangeError('another rate');
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
  return opened(origin, () => rate, blocks());
}

export interface Cuts {
  /** Frames at the beginning that are no part of the recording. */
  skip: number;
  /** Seconds of the first packet; where given, the end of the last packet says where the recording ends. */
  startS?: number;
}

export function packetSound(
  origin: Origin,
  media: Media,
  decoder: PacketDecoder,
  cuts: Cuts,
): Promise<Sound> {
  async function* blocks(): AsyncGenerator<Block> {
    try {
      yield* cut(decodedGroups(media, decoder), decoder.rate, cuts);
    } finally {
      decoder.close();
      await media.close();
    }
  }
  return opened(origin, () => decoder.rate, blocks());
}

/** A block and where the last of its packets ends, in seconds. */
interface Timed {
  planes: Block;
  endS: number;
}

async function* decodedGroups(media: Media, decoder: PacketDecoder): AsyncGenerator<Timed> {
  let group: EncodedPacket[] = [];
  let failure: { thrown: unknown } | undefined; // it waits until what could be read has been handed on
  const decodedGroup = (): Timed => {
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

/** One block is held back until it is known whether it is the last. */
async function* cut(
  groups: AsyncIterable<Timed>,
  rate: number,
  { skip, startS }: Cuts,
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
  const kept = surplus > 0 && surplus <= mostTrimS * rate ? Math.max(0, length - surplus) : length;
  if (held !== undefined && kept > 0) yield held.map((plane) => plane.subarray(0, kept));
  if (failure !== undefined) throw failure.thrown;
}

/** Reads up to the first block. What a decoder says of bytes it does not like is the file's fault: later it is the end. */
async function opened(origin: Origin, rate: () => number, blocks: AsyncGenerator<Block>): Promise<Sound> {
  const first = await blocks.next();
  if (first.done) throw damaged(origin.format);
  const channels = first.value.length;
  async function* all(): AsyncGenerator<Block> {
    yield first.value as Block;
    try {
      for await (const planes of blocks) {
        if (planes.length !== channels) throw new RangeError('other channels');
        yield planes;
      }
    } catch (thrown) {
      if (origin.signal.aborted) throw thrown;
      sound.isCut = true;
    }
  }
  const close = async () => void (await blocks.return(undefined));
  const sound: Sound = { rate: rate(), channels, blocks: all(), close };
  return sound;
}

function hasSamples(planes: Block): boolean {
  return (planes[0]?.length ?? 0) > 0;
}
