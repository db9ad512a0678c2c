// Reads the packets of the first audio track with mediabunny, which is loaded on first use. It gets only the format that the
// bytes were recognised as, because some formats would open further files.
import type { AudioCodec, EncodedPacket, Input, InputAudioTrack, InputFormat } from 'mediabunny';
import type { Container, Recording } from '../recording.ts';
import { openByteSource } from './byte-source.ts';

export interface Media {
  bunny: Mediabunny;
  track: InputAudioTrack;
  codec: AudioCodec | null;
  packets(): AsyncIterable<EncodedPacket>;
  close(): Promise<void>;
}

interface MediaOptions {
  signal: AbortSignal;
  /** Total number of bytes that may be read. */
  limitBytes?: number;
}

const cacheBytes = 4_194_304;
/** Of a single read: more than any packet table of a recording needs. */
const largestRead = 67_108_864;

type Mediabunny = typeof import('mediabunny');

function formatsOf(bunny: Mediabunny, container: Container): InputFormat[] | undefined {
  switch (container) {
    case 'mp3':
      return [bunny.MP3];
    case 'mp4':
    case '3gp':
    case 'mov':
      return [bunny.MP4, bunny.QTFF];
    case 'ogg':
      return [bunny.OGG];
    case 'webm':
    case 'matroska':
      return [bunny.WEBM, bunny.MATROSKA];
    case 'adts':
      return [bunny.ADTS];
    default:
      return undefined;
  }
}

interface OpenInput {
  bunny: Mediabunny;
  input: Input;
  close(): Promise<void>;
}

/** Undefined if mediabunny does not support the container. */
async function openInput(
  { path, container }: Pick<Recording, 'path' | 'container'>,
  { signal, limitBytes = Number.POSITIVE_INFINITY }: MediaOptions,
): Promise<OpenInput | undefined> {
  const bunny = await import('mediabunny');
  bunny.Logging.level = bunny.LogLevel.Silent; // it would print warnings to the console
  const formats = formatsOf(bunny, container);
  if (formats === undefined) return undefined;
  const bytes = await openByteSource(path);
  let readBytes = 0;
  const source = new bunny.CustomSource({
    getSize: () => bytes.size,
    read: async (start, end) => {
      signal.throwIfAborted();
      readBytes += end - start;
      if (end - start > largestRead || readBytes > limitBytes) throw new RangeError('read limit exceeded');
      const chunk = new Uint8Array(end - start); // always of the requested length, even if the file was truncated meanwhile
      chunk.set(await bytes.read(start, end - start));
      return chunk;
    },
    maxCacheSize: cacheBytes,
    prefetchProfile: 'fileSystem',
    handleUnhandledError: () => {}, // only from read-ahead: the read that needs the bytes fails by itself
  });
  const input = new bunny.Input({ formats, source });
  const close = async () => {
    input.dispose();
    await bytes.close();
  };
  return { bunny, input, close };
}

/** Undefined if mediabunny does not support the container. Passes on its exceptions. */
export async function withInput<T>(
  recording: Pick<Recording, 'path' | 'container'>,
  options: MediaOptions,
  use: (input: Input) => Promise<T>,
): Promise<T | undefined> {
  const opened = await openInput(recording, options);
  if (opened === undefined) return undefined;
  try {
    return await use(opened.input);
  } finally {
    await opened.close();
  }
}

/** Undefined if mediabunny does not support the container, or there is no audio track. Passes on its exceptions. */
export async function openMedia(
  recording: Pick<Recording, 'path' | 'container'>,
  options: MediaOptions,
): Promise<Media | undefined> {
  const opened = await openInput(recording, options);
  if (opened === undefined) return undefined;
  const { bunny, input, close } = opened;
  try {
    const track = await input.getPrimaryAudioTrack();
    if (track !== null) {
      const packets = () => new bunny.EncodedPacketSink(track).packets();
      return { bunny, track, codec: track.codec, packets, close };
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  await close();
  return undefined;
}

export async function withMedia<T>(
  recording: Pick<Recording, 'path' | 'container'>,
  options: MediaOptions,
  use: (media: Media) => Promise<T>,
): Promise<T | undefined> {
  const media = await openMedia(recording, options);
  if (media === undefined) return undefined;
  try {
    return await use(media);
  } finally {
    await media.close();
  }
}
