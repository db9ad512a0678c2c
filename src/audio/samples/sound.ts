// A stream of decoded samples, block by block, so that no recording is in memory as a whole.
import { openByteSource } from '../containers/byte-source.ts';
import type { PcmLayout } from '../containers/layout.ts';
import { decodeBlock } from './ima-adpcm.ts';
import { planesOf } from './pcm.ts';

export interface Sound {
  /** Hz */
  rate: number;
  channels: number;
  /** Planes per channel, all of the same length, a few seconds at most. Can be read once. */
  blocks: AsyncIterable<Float32Array[]>;
  /** Set if the rest of the recording could not be decoded; the blocks before it are valid. */
  isTruncated?: boolean;
  /** Must be called at the end, whether or not the blocks were read. */
  close(): Promise<void>;
}

/** Limits of a block, short enough for the daemon's streams to continue between blocks. */
const maxFrames = 32_768;
const maxBytes = 262_144;

export function soundOf(path: string, layout: PcmLayout): Sound {
  const blocks = readBlocks(path, layout);
  const close = async () => void (await blocks.return(undefined));
  return { rate: layout.rate, channels: layout.channels, blocks, close };
}

async function* readBlocks(path: string, layout: PcmLayout): AsyncGenerator<Float32Array[]> {
  const bytes = await openByteSource(path);
  try {
    const { blockBytes, blockFrames } = layout;
    const blocks = Math.max(1, Math.floor(Math.min(maxBytes / blockBytes, maxFrames / blockFrames)));
    const end = layout.dataOffset + layout.dataBytes;
    let left = layout.frames;
    for (let at = layout.dataOffset; at < end && left > 0; at += blocks * blockBytes) {
      const planes = decodePlanes(await bytes.read(at, Math.min(blocks * blockBytes, end - at)), layout);
      const frames = Math.min(planes[0]?.length ?? 0, left);
      if (frames === 0) return;
      left -= frames;
      yield planes.map((plane) => plane.subarray(0, frames));
    }
  } finally {
    await bytes.close();
  }
}

function decodePlanes(bytes: Uint8Array, layout: PcmLayout): Float32Array[] {
  const { encoding, channels, blockBytes, blockFrames } = layout;
  if (encoding !== 'ima-adpcm') return planesOf(bytes, encoding, channels, blockBytes);
  const blocks = Math.ceil(bytes.length / blockBytes);
  const planes = Array.from({ length: channels }, () => new Float32Array(blocks * blockFrames));
  for (let block = 0; block < blocks; block++) {
    const chunk = bytes.subarray(block * blockBytes, (block + 1) * blockBytes);
    decodeBlock(chunk, channels, blockFrames).forEach((plane, channel) => {
      planes[channel]?.set(plane, block * blockFrames);
    });
  }
  return planes;
}
