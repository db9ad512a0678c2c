// Apple's Core Audio Format: chunks with 64-bit sizes; the size of the sample data may be unknown.

import { printable, unsupportedAudio } from '../reading/unusable-audio.ts';
import { type ByteSource, textAt, viewOf } from './byte-source.ts';
import { type Encoding, type PcmLayout, pcmLayout } from './layout.ts';

const maxChunks = 1000;
const flags = { float: 1, littleEndian: 2 };
const editCountBytes = 4;

interface Description {
  rate: number;
  id: string;
  flags: number;
  blockBytes: number;
  channels: number;
  bits: number;
}

export async function readCaf(bytes: ByteSource): Promise<PcmLayout> {
  let description: Description | undefined;
  let data: { offset: number; size: number } | undefined;
  for (let at = 8, chunks = 0; at + 12 <= bytes.size && chunks < maxChunks; chunks++) {
    const head = await bytes.read(at, 12 + 32);
    const id = textAt(head, 0, 4);
    const size = Number(viewOf(head).getBigInt64(4));
    if (id === 'desc') description = descriptionOf(head.subarray(12));
    if (id === 'data') data = { offset: at + 12 + editCountBytes, size: size - editCountBytes };
    if (description !== undefined && data !== undefined) break;
    if (size < 0) break; // to the end of the file
    at += 12 + size;
  }
  if (description === undefined) throw unsupportedAudio('The CAF file has no description chunk.');
  const { rate, channels, bits, blockBytes } = description;
  const encoding = encodingOf(description);
  if (encoding === undefined) {
    const what = description.id === 'lpcm' ? `${bits}-bit samples` : `"${printable(description.id)}"`;
    throw unsupportedAudio(`The CAF file contains unsupported audio: ${what}.`);
  }
  const dataOffset = Math.min(data?.offset ?? bytes.size, bytes.size);
  const rest = bytes.size - dataOffset;
  const dataBytes = data === undefined || data.size < 0 ? rest : Math.min(data.size, rest);
  return pcmLayout('CAF', { encoding, rate, channels, dataOffset, dataBytes, blockBytes });
}

function descriptionOf(chunk: Uint8Array): Description {
  if (chunk.length < 32) throw unsupportedAudio('The description chunk of the CAF file is truncated.');
  const view = viewOf(chunk);
  return {
    rate: view.getFloat64(0),
    id: textAt(chunk, 8, 4),
    flags: view.getUint32(12),
    blockBytes: view.getUint32(16),
    channels: view.getUint32(24),
    bits: view.getUint32(28),
  };
}

function encodingOf(description: Description): Exclude<Encoding, 'ima-adpcm'> | undefined {
  const { id, channels, bits, blockBytes } = description;
  const sampleBytes = blockBytes / channels;
  if (id === 'alaw' || id === 'ulaw') return sampleBytes === 1 ? id : undefined;
  if (id !== 'lpcm' || bits > sampleBytes * 8) return undefined;
  const order = description.flags & flags.littleEndian ? 'le' : 'be';
  if (description.flags & flags.float) {
    return sampleBytes === 4 ? `f32${order}` : sampleBytes === 8 ? `f64${order}` : undefined;
  }
  if (sampleBytes === 1) return 's8';
  return sampleBytes === 2
    ? `s16${order}`
    : sampleBytes === 3
      ? `s24${order}`
      : sampleBytes === 4
        ? `s32${order}`
        : undefined;
}
