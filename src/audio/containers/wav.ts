// WAV as it occurs in practice: RIFF, RIFX, RF64 and BW64, chunks in any order, and sizes left unset by writers to a pipe.

import { unsupportedAudio } from '../reading/unusable-audio.ts';
import { type ByteSource, textAt, viewOf } from './byte-source.ts';
import { checkSound, type Encoding, type PcmLayout, pcmLayout } from './layout.ts';

interface Format {
  tag: number;
  extensible: boolean;
  channels: number;
  rate: number;
  blockBytes: number;
  bits: number;
  adpcmFrames: number | undefined;
}

const maxChunks = 1000;
const unknownSize = 0xffffffff;

export async function readWav(bytes: ByteSource): Promise<PcmLayout> {
  const riff = await bytes.read(0, 12);
  if (riff.length < 12) throw unsupportedAudio('The WAV file ends inside its header.');
  const mark = textAt(riff, 0, 4);
  const little = mark !== 'RIFX';
  const riffSize = viewOf(riff).getUint32(4, little);
  let large: number | undefined;
  let format: Format | undefined;
  let facts: number | undefined;
  let data: { offset: number; size: number } | undefined;

  for (let at = 12, chunks = 0; at + 8 <= bytes.size && chunks < maxChunks; chunks++) {
    const head = await bytes.read(at, 8 + 40);
    const id = textAt(head, 0, 4);
    const view = viewOf(head);
    const size = view.getUint32(4, little);
    const body = Math.min(size, head.length - 8);
    if (id === 'ds64' && body >= 16) large = Number(view.getBigUint64(16, little));
    if (id === 'fact' && body >= 4) facts = view.getUint32(8, little);
    if (id === 'fmt ') format = formatOf(new DataView(head.buffer, head.byteOffset + 8, body), little);
    if (id === 'data') {
      data = { offset: at + 8, size: size === unknownSize && large ? large : size };
      if (format !== undefined) break;
    }
    at = await nextChunk(bytes, at + 8, size);
  }
  if (format === undefined) throw unsupportedAudio('The WAV file has no format chunk.');
  if (data === undefined) data = { offset: bytes.size, size: 0 };
  const rest = Math.max(0, bytes.size - data.offset);
  // If the RIFF size is correct, the writer filled in the sizes at the end, so a data size of 0 is correct as well.
  const isEmpty = data.size === 0 && riffSize === bytes.size - 8;
  const sizeHolds = isEmpty || (data.size > 0 && data.size <= rest);
  const range = { dataOffset: data.offset, dataBytes: sizeHolds ? data.size : rest };
  if (format.tag === 17) return adpcm(format, range, facts, little);
  const plain = mark === 'RIFF' && sizeHolds && riffSize <= bytes.size - 8 && riffSize > 0;
  return wavLayout(format, range, little, plain);
}

type DataRange = Pick<PcmLayout, 'dataOffset' | 'dataBytes'>;

function wavLayout(format: Format, range: DataRange, little: boolean, sizesHold: boolean): PcmLayout {
  const { channels, rate, bits, tag } = format;
  checkSound('WAV', format);
  const sampleBytes = sampleBytesOf(format);
  const encoding = encodingOf(tag, sampleBytes, little);
  if (encoding === undefined)
    throw unsupportedAudio(`The WAV file contains unsupported audio: ${nameOf(tag, bits)}.`);
  const plain = sizesHold && tag === 1 && !format.extensible && bits === 16 && sampleBytes === 2;
  return pcmLayout('WAV', { encoding, rate, channels, ...range, blockBytes: sampleBytes * channels, plain });
}

/** Bytes of one sample, from the block size if that is plausible: 20-bit samples can take 3 bytes or 4. */
function sampleBytesOf({ blockBytes, channels, bits }: Format): number {
  const fromBlock = blockBytes / channels;
  const needed = Math.ceil(bits / 8);
  return Number.isInteger(fromBlock) && fromBlock >= needed && fromBlock <= 8 && fromBlock > 0
    ? fromBlock
    : needed;
}

function encodingOf(
  tag: number,
  sampleBytes: number,
  little: boolean,
): Exclude<Encoding, 'ima-adpcm'> | undefined {
  const order = little ? 'le' : 'be';
  if (tag === 1 && sampleBytes === 1) return 'u8';
  if (tag === 1 && (sampleBytes === 2 || sampleBytes === 3 || sampleBytes === 4)) {
    return `s${sampleBytes === 2 ? 16 : sampleBytes === 3 ? 24 : 32}${order}`;
  }
  if (tag === 3 && (sampleBytes === 4 || sampleBytes === 8)) return `f${sampleBytes === 4 ? 32 : 64}${order}`;
  if (tag === 6 && sampleBytes === 1) return 'alaw';
  if (tag === 7 && sampleBytes === 1) return 'ulaw';
  return undefined;
}

function adpcm(format: Format, range: DataRange, facts: number | undefined, little: boolean): PcmLayout {
  const { channels, rate, blockBytes } = format;
  checkSound('WAV', format);
  const most = ((blockBytes - 4 * channels) * 2) / channels + 1;
  const blockFrames = format.adpcmFrames ?? Math.floor(most);
  if (!little || format.bits !== 4 || blockBytes <= 4 * channels || blockFrames < 1 || blockFrames > most) {
    throw unsupportedAudio('The WAV file contains IMA ADPCM with invalid blocks.');
  }
  const whole = Math.floor(range.dataBytes / blockBytes);
  const available = (whole + (range.dataBytes % blockBytes > 4 * channels ? 1 : 0)) * blockFrames;
  const frames = facts !== undefined && facts > 0 ? Math.min(facts, available) : available;
  return { encoding: 'ima-adpcm', rate, channels, ...range, blockBytes, blockFrames, frames, plain: false };
}

function formatOf(view: DataView, little: boolean): Format {
  if (view.byteLength < 14) throw unsupportedAudio('The format chunk of the WAV file is truncated.');
  const u16 = (at: number) => (at + 2 <= view.byteLength ? view.getUint16(at, little) : undefined);
  const tag = u16(0) ?? 0;
  const extensible = tag === 0xfffe;
  return {
    tag: extensible ? (u16(24) ?? 0) : tag,
    extensible,
    channels: u16(2) ?? 0,
    rate: view.getUint32(4, little),
    blockBytes: u16(12) ?? 0,
    bits: u16(14) ?? 8,
    adpcmFrames: u16(18),
  };
}

/** Chunks are padded to even length; some writers omit the pad byte. */
async function nextChunk(bytes: ByteSource, body: number, size: number): Promise<number> {
  const end = body + size;
  if (size % 2 === 0 || end + 5 > bytes.size) return end + (size % 2);
  const [first] = await bytes.read(end, 1);
  return first === 0 ? end + 1 : end;
}

function nameOf(tag: number, bits: number): string {
  const known: Record<number, string> = {
    1: `${bits}-bit samples`,
    2: 'Microsoft ADPCM',
    3: `${bits}-bit floating point samples`,
    49: 'GSM 6.10',
    80: 'MPEG audio',
    85: 'MP3',
    255: 'AAC',
    352: 'WMA',
    353: 'WMA',
  };
  return known[tag] ?? `samples in format ${tag}`;
}
