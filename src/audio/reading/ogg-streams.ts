// The streams of an Ogg file (RFC 3533). Each stream starts with a page that has the beginning-of-stream flag, and the first
// pages of all streams come before any other page.
import { type ByteSource, textAt } from '../containers/byte-source.ts';
import type { Codec } from '../recording.ts';

export interface OggStreams {
  /** The codec of the first audio stream. */
  codec?: Codec;
  /** There is a video stream. */
  hasVideo: boolean;
  /** Position of the first such page. Bytes before it belong to a stream whose headers are missing. */
  offset: number;
}

const audioSignatures: readonly (readonly [mark: string, codec: Codec])[] = [
  ['OpusHead', 'opus'],
  ['\x01vorbis', 'vorbis'],
  ['\x7fFLAC', 'flac'],
  ['Speex   ', 'speex'],
];
const videoSignatures = ['\x80theora', 'BBCD\0', 'OVP80'];
const searchedBytes = 1_048_576;
const headerBytes = 28;
const startFlag = 2;

/** Undefined if no stream starts. `from` is the end of any tags before the first page. */
export async function oggStreams(bytes: ByteSource, from = 0): Promise<OggStreams | undefined> {
  const head = await bytes.read(from, searchedBytes);
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  let found: OggStreams | undefined;
  for (let at = text.indexOf('OggS'); at >= 0; at = text.indexOf('OggS', at + 4)) {
    const packet = textAt(head, at + headerBytes, 8);
    const codec = audioSignatures.find(([mark]) => packet.startsWith(mark))?.[1];
    const startsStream = codec !== undefined || ((head[at + 5] ?? 0) & startFlag) !== 0;
    if (!startsStream && found !== undefined) break;
    if (!startsStream) continue;
    found ??= { hasVideo: false, offset: from + at };
    if (codec !== undefined) found.codec ??= codec;
    found.hasVideo ||= videoSignatures.some((mark) => packet.startsWith(mark));
  }
  return found;
}
