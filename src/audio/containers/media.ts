// The containers mediabunny reads, as the packets of their first sound track. It is loaded when the first one is needed, and
// given one format only: what the bytes were recognised as (some formats would open further files).
import type { AudioCodec, EncodedPacket, Input, InputAudioTrack, InputFormat } from 'mediabunny';
import type { Container, Recording } from '../recording.ts';
import { openBytes } from './bytes.ts';

export interface Media {
  bunny: Mediabunny;
  track: InputAudioTrack;
  codec: AudioCodec | null;
  packets(): AsyncIterable<EncodedPacket>;
  close(): Promise<void>;
}

interface MediaOptions {
  signal: AbortSignal;
  /** Bytes that may be read in all. */
  limitBytes?: number;
}

const cacheBytes = 4_194_304;
/** At once: more than any table of packets of a recording, less than what hurts. */
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

/** Undefined where the container is not one that mediabunny reads. */
async function openInput(
  { path, container }: Pick<Recording, 'path' | 'container'>,
  { signal, limitBytes = Number.POSITIVE_INFINITY }: MediaOptions,
): Promise<OpenInput | undefined> {
  const bunny = await import('mediabunny');
  bunny.Logging.level = bunny.LogLevel.Silent; // it reports on the console what it does not know
  const formats = formatsOf(bunny, container);
  if (formats === undefined) return undefined;
  const bytes = await openBytes(path);
  let readBytes = 0;
  const source = new bunny.CustomSource({
    getSize: () => bytes.size,
    read: async (start, end) => {
      signal.throwIfAborted();
      readBytes += end - start;
      if (end - start > largestRead || readBytes > limitBytes) throw new RangeError('too much to read');
      const piece = new Uint8Array(end - start); // as long as requested, even if the file has become shorter
      piece.set(await bytes.read(start, end - start));
      return piece;
    },
    maxCacheSize: cacheBytes,
    prefetchProfile: 'fileSystem',
    handleUnhandledError: () => {}, // of reading ahead; the read that matters fails by itself
  });
  const input = new bunny.Input({ formats, source });
  const close = async () => {
    input.dispose();
    await bytes.close();
  };
  return { bunny, input, close };
}

/** Undefined where mediabunny does not read the container. Throws whatever it throws. */
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

/** Undefined where the container is not one that mediabunny reads, or has no sound. Throws whatever it throws. */
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
