// Recognises a container by its first bytes. File names and declared types are ignored, since they are often wrong.
import { imageType } from '../../base/image-type.ts';
import { type ByteSource, textAt, withByteSource } from '../containers/byte-source.ts';
import type { Codec, Container } from '../recording.ts';
import { sniffFfmpegContainer } from './ffmpeg-only.ts';

export interface Sniffed {
  container: Container;
  codec?: Codec;
  /** Where the audio starts, if tags come before it. */
  offset?: number;
}

/** The number of bytes `sniff` looks at. */
export const headBytes = 512;
const maxTags = 16;

/** Undefined if the bytes match no container. `head` is the start of the file, or what follows its ID3 tags. */
export function sniff(head: Uint8Array): Sniffed | undefined {
  const id3 = id3Length(head);
  if (id3 === undefined) return sniffBare(head);
  const rest = id3 < head.length ? sniff(head.subarray(id3)) : undefined;
  const { offset = 0, ...found } = rest ?? { container: 'mp3' as const };
  return { ...found, offset: id3 + offset };
}

/** Like sniff, but skips ID3 tags of any length, which can contain pictures. */
export function sniffFile(path: string): Promise<Sniffed | undefined> {
  return withByteSource(path, sniffBytes);
}

export async function sniffBytes(bytes: ByteSource): Promise<Sniffed | undefined> {
  let offset = 0;
  for (let tags = 0; tags < maxTags; tags++) {
    const head = await bytes.read(offset, headBytes);
    const id3 = id3Length(head);
    if (id3 === undefined) {
      const found = sniffBare(head) ?? (tags > 0 ? { container: 'mp3' as const } : undefined);
      return found && (offset > 0 ? { ...found, offset } : found);
    }
    offset = Math.min(offset + id3, bytes.size);
  }
  return { container: 'mp3', offset };
}

/** What a file that is not audio seems to be, e.g. "a PDF document". */
export function describeNonAudio(head: Uint8Array): string | undefined {
  if (head.length === 0) return 'an empty file';
  const bytes = textAt(head, 0, 64);
  if (imageType(head) !== undefined || isHeic(head)) return 'an image';
  if (isUtf16Text(head)) return 'a text file';
  const text = bytes.replace(/^\xef\xbb\xbf/, '').trimStart();
  return nonAudioSignatures.find(([mark]) => text.startsWith(mark))?.[1];
}

const nonAudioSignatures: [mark: string, name: string][] = [
  ['#EXTM3U', 'a playlist'],
  ['[playlist]', 'a playlist'],
  ['<', 'an HTML or XML page'],
  ['{', 'JSON text'],
  ['[', 'JSON text'],
  ['%PDF', 'a PDF document'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['PK\x05\x06', 'a ZIP archive'],
  ['\x1f\x8b', 'a compressed archive'],
  ['7z\xbc\xaf', 'a compressed archive'],
  ['Rar!', 'a compressed archive'],
  ['#!/', 'a script'],
];

/** UTF-16 text with a byte order mark, whose first two characters are ASCII. */
function isUtf16Text(head: Uint8Array): boolean {
  return head[0] === 0xff && head[1] === 0xfe && head[3] === 0 && head[5] === 0 && head[2] !== 0;
}

function isHeic(head: Uint8Array): boolean {
  return /^ftyp(?:hei[cx]|mif1|avif)$/.test(textAt(head, 4, 8));
}

/** The length of an ID3v2 tag: a header of 10 bytes, a size of four times seven bits, and a footer of 10 bytes if flagged. */
function id3Length(head: Uint8Array): number | undefined {
  if (head.length < 10 || textAt(head, 0, 3) !== 'ID3') return undefined;
  const [, , , , , flags = 0, a = 0, b = 0, c = 0, d = 0] = head;
  if ((a | b | c | d) & 0x80) return undefined;
  return 10 + ((a << 21) | (b << 14) | (c << 7) | d) + (flags & 0x10 ? 10 : 0);
}

function sniffBare(head: Uint8Array): Sniffed | undefined {
  const at = (offset: number, text: string) => textAt(head, offset, text.length) === text;
  if (at(0, '#!SILK_V3') || at(0, '\x02#!SILK_V3')) return { container: 'silk' };
  if (at(0, '#!AMR\n')) return { container: 'amr', codec: 'amr' };
  if (at(0, '#!AMR-WB\n')) return { container: 'amr-wb', codec: 'amr' };
  if (['RIFF', 'RF64', 'RIFX', 'BW64'].some((mark) => at(0, mark))) {
    if (at(8, 'WAVE')) return { container: 'wav' };
  }
  if (at(0, 'FORM') && (at(8, 'AIFF') || at(8, 'AIFC'))) return { container: 'aiff' };
  if (at(0, 'caff')) return { container: 'caf' };
  if (at(0, 'fLaC')) return { container: 'flac', codec: 'flac' };
  if (at(0, 'OggS')) return { container: 'ogg', ...codecOf(oggCodecs, at) };
  if (at(0, '\x1a\x45\xdf\xa3')) return ebml(head);
  const boxed = isoMedia(head, at);
  if (boxed !== undefined) return boxed;
  if (isUtf16Text(head)) return undefined; // its byte order mark looks like a frame of MPEG layer I
  const [b0 = 0, b1 = 0, b2 = 0] = head;
  if (b0 === 0xff && (b1 & 0xf6) === 0xf0) return { container: 'adts', codec: 'aac' };
  const layer = (b1 >> 1) & 3;
  if (b0 === 0xff && (b1 & 0xe0) === 0xe0 && layer !== 0 && b2 >> 4 !== 15 && ((b2 >> 2) & 3) !== 3) {
    return { container: 'mp3', codec: 'mp3' };
  }
  if (at(0, 'ADIF')) return { container: 'adif', codec: 'aac' };
  if (at(0, '.snd')) return { container: 'au' };
  if (at(0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11')) return { container: 'asf' };
  const foreign = sniffFfmpegContainer(head);
  return foreign && { container: foreign };
}

/** Start of the first packet, at byte 28: the first page has a single segment in every known file. */
const oggCodecs: [mark: string, codec: Codec][] = [
  ['OpusHead', 'opus'],
  ['\x01vorbis', 'vorbis'],
  ['\x7fFLAC', 'flac'],
  ['Speex   ', 'speex'],
];

function codecOf(marks: [string, Codec][], at: (offset: number, text: string) => boolean): { codec?: Codec } {
  const codec = marks.find(([mark]) => at(28, mark))?.[1];
  return codec === undefined ? {} : { codec };
}

/** Matroska's codec ids are in the track list, usually within the first bytes. */
function ebml(head: Uint8Array): Sniffed | undefined {
  const text = textAt(head, 0, head.length);
  const type = /webm|matroska/.exec(text.slice(0, 64))?.[0];
  if (type === undefined) return undefined;
  const id = /A_(OPUS|VORBIS|FLAC|AAC|MPEG\/L3)/.exec(text)?.[1]?.toLowerCase();
  const codec = id === 'mpeg/l3' ? 'mp3' : (id as Codec | undefined);
  return { container: type === 'webm' ? 'webm' : 'matroska', ...(codec && { codec }) };
}

function isoMedia(head: Uint8Array, at: (offset: number, text: string) => boolean): Sniffed | undefined {
  if (!at(4, 'ftyp')) {
    return ['moov', 'mdat', 'wide', 'free'].some((box) => at(4, box)) ? { container: 'mov' } : undefined;
  }
  const brand = textAt(head, 8, 4);
  if (isHeic(head)) return undefined;
  if (brand === 'qt  ') return { container: 'mov' };
  return { container: /^3g[p2]/.test(brand) ? '3gp' : 'mp4' };
}
