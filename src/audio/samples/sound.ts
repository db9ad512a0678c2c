// Samples on their way from a decoder to a file: never more than a block of them at once.
import { openBytes } from '../containers/bytes.ts';
import type { PcmLayout } from '../containers/layout.ts';
import { decodeBlock } from './ima-adpcm.ts';
import { planesOf } from './pcm.ts';

export interface Sound {
  /** Hz */
  rate: number;
  channels: number;
  /** A plane per channel, all of one length, a few seconds at most. Read once. */
  blocks: AsyncIterable<Float32Array[]>;
  /** Set when the rest of the recording could not be read; what came before it is good. */
  isCut?: boolean;
  /** To be called in the end, whether the blocks were read or not. */
  close(): Promise<void>;
}

/** Blocks short enough that a daemon's streams go on between them. */
const mostFrames = 32_768;
const mostBytes = 262_144;

export function soundOf(path: string, layout: PcmLayout): Sound {
  const blocks = readBlocks(path, layout);
  const close = async () => void (await blocks.return(undefined));
  return { rate: layout.rate, channels: layout.channels, blocks, close };
}

async function* readBlocks(path: string, layout: PcmLayout): AsyncGenerator<Float32Array[]> {
  const bytes = await openBytes(path);
  try {
    const { blockBytes, blockFrames } = layout;
    const blocks = Math.max(1, Math.floor(Math.min(mostBytes / blockBytes, mostFrames / blockFrames)));
    const end = layout.dataOffset + layout.dataBytes;
    let left = layout.frames;
    for (let at = layout.dataOffset; at < end && left > 0; at += blocks * blockBytes) {
      const planes = decoded(await bytes.read(at, Math.min(blocks * blockBytes, end - at)), layout);
      const frames = Math.min(planes[0]?.length ?? 0, left);
      if (frames === 0) return;
      left -= frames;
      yield planes.map((plane) => plane.subarray(0, frames));
    }
  } finally {
    await bytes.close();
  }
}

function decoded(bytes: Uint8Array, layout: PcmLayout): Float32Array[] {
  const { encoding, channels, blockBytes, blockFrames } = layout;
  if (encoding !== 'ima-adpcm') return planesOf(bytes, encoding, channels, blockBytes);
  const blocks = Math.ceil(bytes.length / blockBytes);
  const planes = Array.from({ length: channels }, () => new Float32Array(blocks * blockFrames));
  for (let block = 0; block < blocks; block++) {
    const piece = bytes.subarray(block * blockBytes, (block + 1) * blockBytes);
    decodeBlock(piece, channels, blockFrames).forEach((plane, channel) => {
      planes[channel]?.set(plane, block * blockFrames);
    });
  }
  return planes;
}
