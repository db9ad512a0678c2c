// AIFF and AIFC: big endian, 8-bit samples are signed, the rate is an 80-bit float.

import { printable, unsupportedAudio } from '../reading/unusable-audio.ts';
import { type ByteSource, textAt, viewOf } from './byte-source.ts';
import { type Encoding, type PcmLayout, pcmLayout } from './layout.ts';

const maxChunks = 1000;

interface Common {
  channels: number;
  frames: number;
  bits: number;
  rate: number;
  type: string;
}

export async function readAiff(bytes: ByteSource): Promise<PcmLayout> {
  const isAifc = textAt(await bytes.read(8, 4), 0, 4) === 'AIFC';
  let common: Common | undefined;
  let data: { offset: number; size: number } | undefined;
  for (let at = 12, chunks = 0; at + 8 <= bytes.size && chunks < maxChunks; chunks++) {
    const head = await bytes.read(at, 8 + 22);
    const view = viewOf(head);
    const id = textAt(head, 0, 4);
    const size = view.getUint32(4);
    if (id === 'COMM') common = commonOf(head.subarray(8, 8 + size), isAifc);
    if (id === 'SSND' && head.length >= 16) {
      const gap = view.getUint32(8);
      data = { offset: at + 16 + gap, size: size - 8 - gap };
    }
    if (common !== undefined && data !== undefined) break;
    at += 8 + size + (size % 2);
  }
  if (common === undefined) throw unsupportedAudio('The AIFF file has no COMM chunk.');
  const { channels, rate, bits, type } = common;
  const encoding = encodingOf(type, Math.ceil(bits / 8));
  if (encoding === undefined) {
    const what = type === 'NONE' ? `${bits}-bit samples` : `samples of the type "${printable(type)}"`;
    throw unsupportedAudio(`The AIFF file contains unsupported audio: ${what}.`);
  }
  const rest = data === undefined ? 0 : Math.max(0, bytes.size - data.offset);
  const dataBytes = data === undefined || data.size <= 0 ? rest : Math.min(data.size, rest);
  const dataOffset = data?.offset ?? bytes.size;
  const layout = pcmLayout('AIFF', { encoding, rate, channels, dataOffset, dataBytes });
  // In files that were written to a pipe, the frame count is 0 or too large.
  const frames = common.frames > 0 ? Math.min(common.frames, layout.frames) : layout.frames;
  return { ...layout, frames, dataBytes: frames * layout.blockBytes };
}

function commonOf(chunk: Uint8Array, isAifc: boolean): Common {
  if (chunk.length < (isAifc ? 22 : 18))
    throw unsupportedAudio('The COMM chunk of the AIFF file is truncated.');
  const view = viewOf(chunk);
  return {
    channels: view.getUint16(0),
    frames: view.getUint32(2),
    bits: view.getUint16(6),
    rate: extendedFloat(view, 8),
    type: isAifc ? textAt(chunk, 18, 4) : 'NONE',
  };
}

/** 80 bits: sign, 15-bit exponent with a bias of 16383, and a 64-bit mantissa with an explicit integer bit. */
function extendedFloat(view: DataView, at: number): number {
  const head = view.getUint16(at);
  const exponent = (head & 0x7fff) - 16383;
  const value = view.getUint32(at + 2) * 2 ** (exponent - 31) + view.getUint32(at + 6) * 2 ** (exponent - 63);
  return head & 0x8000 ? -value : value;
}

function encodingOf(type: string, sampleBytes: number): Exclude<Encoding, 'ima-adpcm'> | undefined {
  const bits = sampleBytes === 2 ? 16 : sampleBytes === 3 ? 24 : sampleBytes === 4 ? 32 : undefined;
  switch (type) {
    case 'NONE':
    case 'twos':
      return sampleBytes === 1 ? 's8' : bits && `s${bits}be`;
    case 'sowt':
      return sampleBytes === 1 ? 's8' : bits && `s${bits}le`;
    case 'fl32':
    case 'FL32':
      return 'f32be';
    case 'fl64':
    case 'FL64':
      return 'f64be';
    case 'alaw':
    case 'ALAW':
      return 'alaw';
    case 'ulaw':
    case 'ULAW':
      return 'ulaw';
    default:
      return undefined;
  }
}
