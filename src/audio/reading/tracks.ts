// The tracks of a file: the audio codec decides how it can be converted, and files without audio are refused.
import { type ByteSource, withByteSource } from '../containers/byte-source.ts';
import { withInput } from '../containers/media.ts';
import type { Codec, Recording } from '../recording.ts';
import { oggStreams } from './ogg-streams.ts';

export interface Tracks {
  /** Undefined if the file does not name it. */
  codec?: Codec;
  hasAudio: boolean;
  hasVideo: boolean;
}

const limitMs = 2000;
const limitBytes = 268_435_456;

/** Undefined if unknown: a damaged file, or another container. Never throws. */
export async function tracksOf(
  recording: Pick<Recording, 'path' | 'container'>,
  signal: AbortSignal,
): Promise<Tracks | undefined> {
  switch (recording.container) {
    case 'ogg':
      return withByteSource(recording.path, (bytes) => oggTracks(bytes));
    case 'mp4':
    case 'mov':
    case '3gp':
    case 'webm':
    case 'matroska':
      return boxedTracks(recording, AbortSignal.any([signal, AbortSignal.timeout(limitMs)])).catch(
        () => undefined,
      );
    default:
      return undefined;
  }
}

async function oggTracks(bytes: ByteSource): Promise<Tracks | undefined> {
  const streams = await oggStreams(bytes);
  if (streams === undefined) return undefined;
  const { codec, hasVideo } = streams;
  // An unknown stream may contain audio.
  return { ...(codec && { codec }), hasVideo, hasAudio: codec !== undefined || !hasVideo };
}

async function boxedTracks(
  recording: Pick<Recording, 'path' | 'container'>,
  signal: AbortSignal,
): Promise<Tracks | undefined> {
  return withInput(recording, { signal, limitBytes }, async (input) => {
    const tracks = await input.getTracks();
    if (tracks.length === 0) return undefined;
    const sound = await input.getPrimaryAudioTrack();
    const codec = codecOf(sound?.codec ?? null);
    return {
      ...(codec && { codec }),
      hasAudio: sound !== null,
      hasVideo: tracks.some((track) => track.isVideoTrack()),
    };
  });
}

const known: readonly Codec[] = ['opus', 'vorbis', 'flac', 'aac', 'mp3'];

function codecOf(name: string | null): Codec | undefined {
  if (name === null) return undefined;
  return name.startsWith('pcm-') ? 'pcm' : (known.find((codec) => codec === name) ?? 'other');
}
