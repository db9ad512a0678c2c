// From a file to a recording: what its bytes are, once more when they are text around a recording, or a refusal that says
// what was sent instead.
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withBytes } from '../containers/bytes.ts';
import type { Container, Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { sniffMidStream } from './mid-stream.ts';
import { lacksMovieIndex } from './movie-index.ts';
import { oggStreams } from './ogg-streams.ts';
import { headBytes, notAudio, type Sniffed, sniffFile } from './sniff.ts';
import { tracksOf } from './tracks.ts';
import { damaged, noSound, unsupported } from './unusable-audio.ts';
import { unwrapText } from './unwrap.ts';

export interface RecogniseOptions {
  /** Private to this job; a recording that came as text is decoded into it. */
  directory: string;
  /** What the client declared; it wins only where the bytes say nothing. */
  raw?: RawFormat;
  signal: AbortSignal;
}

export async function recognise(path: string, options: RecogniseOptions): Promise<Recording> {
  const { directory, raw, signal } = options;
  const sniffed = await sniffFile(path);
  if (sniffed !== undefined && !(raw !== undefined && isWeak(sniffed))) {
    return recordingAt(path, sniffed, options);
  }
  if (raw !== undefined) return recordingAt(path, { container: 'raw', codec: 'pcm' }, options);
  const other = notAudio(await withBytes(path, (bytes) => bytes.read(0, headBytes)));
  if (other === undefined) {
    const inner = await unwrapText(path, directory, signal);
    const wrapped = inner && (await sniffFile(inner));
    if (wrapped) return recordingAt(inner, wrapped, options);
    const found = await withBytes(path, sniffMidStream);
    if (found !== undefined)
      return recordingAt(await fileFrom(path, found.offset, options), { ...found, offset: 0 }, options);
  }
  throw unsupported(
    other === undefined
      ? 'The file is not a recording in a format codexd knows.'
      : `The file is not a recording but ${other}.`,
    'Send WAV, MP3, M4A, FLAC, Ogg, WebM or SILK; samples without a header need their format declared.',
  );
}

/** A sync word of two bytes is not proof enough against a declaration: samples can look like it. */
function isWeak({ container, offset }: Sniffed): boolean {
  return (container === 'mp3' || container === 'adts') && offset === undefined;
}

const movies: ReadonlySet<Container> = new Set(['mp4', 'mov', '3gp']);

async function recordingAt(path: string, sniffed: Sniffed, options: RecogniseOptions): Promise<Recording> {
  const { container } = sniffed;
  const start = container === 'ogg' ? await oggStart(path, sniffed.offset) : untaggedStart(sniffed);
  const file = start === 0 ? path : await fileFrom(path, start, options);
  if (movies.has(container) && (await withBytes(file, lacksMovieIndex))) throw damaged(container);
  const tracks = await tracksOf({ path: file, container }, options.signal);
  if (tracks?.hasSound === false) throw noSound();
  const codec = tracks?.codec ?? sniffed.codec;
  const { size } = await stat(file);
  return {
    path: file,
    container,
    ...(codec && { codec }),
    ...(tracks?.hasPicture && { hasPicture: true }),
    bytes: size,
  };
}

/** ID3 tags belong in front of MP3 only; readers of anything else, e.g. FLAC, stumble over them. */
function untaggedStart({ container, offset = 0 }: Sniffed): number {
  return container === 'mp3' ? 0 : offset;
}

/** A dump of a radio stream begins anywhere; what comes before its first headers cannot be decoded. */
async function oggStart(path: string, offset = 0): Promise<number> {
  const streams = await withBytes(path, (bytes) => oggStreams(bytes, offset));
  if (streams !== undefined) return streams.offset;
  throw unsupported(
    'The Ogg file begins in the middle of a stream, without the headers that are needed to decode it.',
    'Send the recording from its beginning.',
  );
}

/** The file without what comes before `start`, in the directory of the job. */
async function fileFrom(
  path: string,
  start: number,
  { directory, signal }: RecogniseOptions,
): Promise<string> {
  const out = join(directory, 'from-start');
  await pipeline(createReadStream(path, { start }), createWriteStream(out, { mode: 0o600 }), { signal });
  return out;
}
