// IMA ADPCM in WAV (format 17): each block starts with one full sample per channel, followed by groups of eight 4-bit steps,
// one group per channel in turn.
import { viewOf } from '../containers/byte-source.ts';

const indexSteps = [-1, -1, -1, -1, 2, 4, 6, 8];
const steps = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500,
  20350, 22385, 24623, 27086, 29794, 32767,
];

/** Decodes one block to `frames` samples per channel. The missing part of a truncated block is silence. */
export function decodeBlock(block: Uint8Array, channels: number, frames: number): Float32Array[] {
  const view = viewOf(block);
  return Array.from({ length: channels }, (_, channel) => {
    const plane = new Float32Array(frames);
    if (block.length < (channel + 1) * 4) return plane;
    let sample = view.getInt16(channel * 4, true);
    let index = Math.min(88, block[channel * 4 + 2] ?? 0);
    plane[0] = sample / 32_768;
    for (let frame = 1; frame < frames; frame++) {
      const nibble = (frame - 1) % 8;
      const group = Math.floor((frame - 1) / 8);
      const byte = block[(channels + group * channels + channel) * 4 + (nibble >> 1)];
      if (byte === undefined) break;
      const code = nibble % 2 === 0 ? byte & 15 : byte >> 4;
      const step = steps[index] ?? 7;
      let change = step >> 3;
      if (code & 1) change += step >> 2;
      if (code & 2) change += step >> 1;
      if (code & 4) change += step;
      sample = Math.max(-32_768, Math.min(32_767, code & 8 ? sample - change : sample + change));
      index = Math.max(0, Math.min(88, index + (indexSteps[code & 7] ?? 0)));
      plane[frame] = sample / 32_768;
    }
    return plane;
  });
}
