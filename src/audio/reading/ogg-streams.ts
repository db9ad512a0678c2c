// Which streams an Ogg file begins with (RFC 3533): every stream opens with a page of its own that is flagged as its
// beginning, and those of all streams stand in front.
import { type Bytes, textAt } from '../containers/bytes.ts';
import type { Codec } from '../recording.ts';

export interface OggStreams {
  /** Of the first sound among them. */
  codec?: Codec;
  /** A film. */
  hasPicture: boolean;
  /** Where the first such page is. Above 0, the bytes in front of it belong to a stream whose headers are missing. */
  offset: number;
}

const soundMarks: readonly (readonly [mark: string, codec: Codec])[] = [
  ['OpusHead', 'opus'],
  ['\x01vorbis', 'vorbis'],
  ['\x7fFLAC', 'flac'],
  ['Speex   ', 'speex'],
];
const pictureMarks = ['\x80theora', 'BBCD\0', 'OVP80'];
const searchedBytes = 1_048_576;
const headerBytes = 28;
const beginsStream = 2;

/** Undefined where no stream begins. `from`: where tags in front of the file end. */
export async function oggStreams(bytes: Bytes, from = 0): Promise<OggStreams | undefined> {
  const head = await bytes.read(from, searchedBytes);
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  let found: OggStreams | undefined;
  for (let at = text.indexOf('OggS'); at >= 0; at = text.indexOf('OggS', at + 4)) {
    const packet = textAt(head, at + headerBytes, 8);
    const codec = soundMarks.find(([mark]) => packet.startsWith(mark))?.[1];
    const begins = codec !== undefined || ((head[at + 5] ?? 0) & beginsStream) !== 0;
    if (!begins && found !== undefined) break;
    if (!begins) continue;
    found ??= { hasPicture: false, offset: from + at };
    if (codec !== undefined) found.codec ??= codec;
    found.hasPicture ||= pictureMarks.some((mark) => packet.startsWith(mark));
  }
  return found;
}
