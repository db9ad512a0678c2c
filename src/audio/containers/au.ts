// Sun's AU: a header of six big endian words, then the samples.

import { unsupportedAudio } from '../reading/unusable-audio.ts';
import { type ByteSource, viewOf } from './byte-source.ts';
import { type Encoding, type PcmLayout, pcmLayout } from './layout.ts';

const headerBytes = 24;
const unknownSize = 0xffffffff;
const encodings: Record<number, Exclude<Encoding, 'ima-adpcm'>> = {
  1: 'ulaw',
  2: 's8',
  3: 's16be',
  4: 's24be',
  5: 's32be',
  6: 'f32be',
  7: 'f64be',
  27: 'alaw',
};

export async function readAu(bytes: ByteSource): Promise<PcmLayout> {
  const head = await bytes.read(0, headerBytes);
  if (head.length < headerBytes) throw unsupportedAudio('The AU file ends inside its header.');
  const view = viewOf(head);
  const dataOffset = Math.min(Math.max(view.getUint32(4), headerBytes), bytes.size);
  const size = view.getUint32(8);
  const rest = bytes.size - dataOffset;
  const encoding = encodings[view.getUint32(12)];
  if (encoding === undefined)
    throw unsupportedAudio(`The AU file contains samples in an unsupported format (${view.getUint32(12)}).`);
  return pcmLayout('AU', {
    encoding,
    rate: view.getUint32(16),
    channels: view.getUint32(20),
    dataOffset,
    dataBytes: size === unknownSize ? rest : Math.min(size, rest),
  });
}
