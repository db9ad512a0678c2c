// What the tracks of a film or a recording are: its codec decides what can be done with it, and a file without sound is
// nothing to send anywhere.
import { type Bytes, withBytes } from '../containers/bytes.ts';
import { withInput } from '../containers/media.ts';
import type { Codec, Recording } from '../recording.ts';
import { oggStreams } from './ogg-streams.ts';

export interface Tracks {
  /** Undefined where the file does not say. */
  codec?: Codec;
  hasSound: boolean;
  hasPicture: boolean;
}

const limitMs = 2000;
const limitBytes = 268_435_456;

/** Undefined where nobody can tell: a damaged file, another kind of container. Never throws. */
export async function tracksOf(
  recording: Pick<Recording, 'path' | 'container'>,
  signal: AbortSignal,
): Promise<Tracks | undefined> {
  switch (recording.container) {
    case 'ogg':
      return withBytes(recording.path, (bytes) => oggTracks(bytes));
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

async function oggTracks(bytes: Bytes): Promise<Tracks | undefined> {
  const streams = await oggStreams(bytes);
  if (streams === undefined) return undefined;
  const { codec, hasPicture } = streams;
  // What is neither is unknown, and may well be sound.
  return { ...(codec && { codec }), hasPicture, hasSound: codec !== undefined || !hasPicture };
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
      hasSound: sound !== null,
      hasPicture: tracks.some((track) => track.isVideoTrack()),
    };
  });
}

const known: readonly Codec[] = ['opus', 'vorbis', 'flac', 'aac', 'mp3'];

function codecOf(name: string | null): Codec | undefined {
  if (name === null) return undefined;
  return name.startsWith('pcm-') ? 'pcm' : (known.find((codec) => codec === name) ?? 'other');
}
