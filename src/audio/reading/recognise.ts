// Recognises the container of a file by its bytes, also inside base64 text; otherwise throws a Failure that names what the
// file seems to be.
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withByteSource } from '../containers/byte-source.ts';
import type { Container, Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { sniffMidStream } from './mid-stream.ts';
import { lacksMovieIndex } from './movie-index.ts';
import { oggStreams } from './ogg-streams.ts';
import { describeNonAudio, headBytes, type Sniffed, sniffFile } from './sniff.ts';
import { tracksOf } from './tracks.ts';
import { damagedAudio, noAudioTrack, unsupportedAudio } from './unusable-audio.ts';
import { unwrapText } from './unwrap.ts';

export interface RecogniseOptions {
  /** Private to this job; base64 text is decoded into it. */
  directory: string;
  /** The declared sample format, used only if the bytes match no container. */
  raw?: RawFormat;
  signal: AbortSignal;
}

export async function recognise(path: string, options: RecogniseOptions): Promise<Recording> {
  const { directory, raw, signal } = options;
  const sniffed = await sniffFile(path);
  if (sniffed !== undefined && !(raw !== undefined && isWeakMatch(sniffed))) {
    return createRecording(path, sniffed, options);
  }
  if (raw !== undefined) return createRecording(path, { container: 'raw', codec: 'pcm' }, options);
  const kind = describeNonAudio(await withByteSource(path, (bytes) => bytes.read(0, headBytes)));
  if (kind === undefined) {
    const inner = await unwrapText(path, directory, signal);
    const wrapped = inner && (await sniffFile(inner));
    if (wrapped) return createRecording(inner, wrapped, options);
    const found = await withByteSource(path, sniffMidStream);
    if (found !== undefined)
      return createRecording(await copyFrom(path, found.offset, options), { ...found, offset: 0 }, options);
  }
  throw unsupportedAudio(
    kind === undefined ? 'Unrecognised audio format.' : `The file is ${kind}, not a recording.`,
    'Send WAV, MP3, M4A, FLAC, Ogg, WebM or SILK; for samples without a header, declare their format.',
  );
}

/** A sync word of two bytes does not override a declared format: raw samples can look like it. */
function isWeakMatch({ container, offset }: Sniffed): boolean {
  return (container === 'mp3' || container === 'adts') && offset === undefined;
}

const movies: ReadonlySet<Container> = new Set(['mp4', 'mov', '3gp']);

async function createRecording(
  path: string,
  sniffed: Sniffed,
  options: RecogniseOptions,
): Promise<Recording> {
  const { container } = sniffed;
  const start = container === 'ogg' ? await oggStart(path, sniffed.offset) : untaggedStart(sniffed);
  const file = start === 0 ? path : await copyFrom(path, start, options);
  if (movies.has(container) && (await withByteSource(file, lacksMovieIndex))) throw damagedAudio(container);
  const tracks = await tracksOf({ path: file, container }, options.signal);
  if (tracks?.hasAudio === false) throw noAudioTrack();
  const codec = tracks?.codec ?? sniffed.codec;
  const { size } = await stat(file);
  return {
    path: file,
    container,
    ...(codec && { codec }),
    ...(tracks?.hasVideo && { hasVideo: true }),
    bytes: size,
  };
}

/** ID3 tags are skipped except in MP3: readers of other formats, such as FLAC, do not expect them. */
function untaggedStart({ container, offset = 0 }: Sniffed): number {
  return container === 'mp3' ? 0 : offset;
}

/** The position of the first stream headers: a radio dump starts anywhere, and pages before the headers cannot be decoded. */
async function oggStart(path: string, offset = 0): Promise<number> {
  const streams = await withByteSource(path, (bytes) => oggStreams(bytes, offset));
  if (streams !== undefined) return streams.offset;
  throw unsupportedAudio(
    'The Ogg file starts in the middle of a stream, without the headers that are needed to decode it.',
    'Send the recording from its beginning.',
  );
}

/** Copies the file from offset `start` to the job's directory. */
async function copyFrom(
  path: string,
  start: number,
  { directory, signal }: RecogniseOptions,
): Promise<string> {
  const out = join(directory, 'from-start');
  await pipeline(createReadStream(path, { start }), createWriteStream(out, { mode: 0o600 }), { signal });
  return out;
}
