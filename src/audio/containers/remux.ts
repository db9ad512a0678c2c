// Copies audio packets into another container without decoding them: AAC from ADTS, 3GP, MOV and videos becomes M4A, Opus and
// Vorbis from Matroska and videos become WebM.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { AudioCodec, Output } from 'mediabunny';
import { damagedAudio } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import { isDiskFull } from '../work-directory.ts';
import { writeAll } from './byte-source.ts';
import { type Media, withMedia } from './media.ts';

export type RemuxTarget = 'mp4' | 'webm';

const codecs: Record<RemuxTarget, readonly AudioCodec[]> = { mp4: ['aac', 'mp3'], webm: ['opus', 'vorbis'] };
const sources: { [C in Container]?: RemuxTarget } = {
  adts: 'mp4',
  '3gp': 'mp4',
  mov: 'mp4',
  mp4: 'mp4',
  matroska: 'webm',
  webm: 'webm',
};
/** Packets copied before other tasks get a turn. */
const packetsPerTurn = 200;
/** Bytes buffered before a write. */
const writeBytes = 1_048_576;

/** The container that packets of `container` can be copied to. */
export function remuxTarget(container: Container): RemuxTarget | undefined {
  return sources[container];
}

/** Writes `out` and returns true; returns false if the codec is not allowed in `target`. */
export async function copyPackets(
  recording: Recording,
  target: RemuxTarget,
  out: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (
      (await withMedia(recording, { signal }, (media) => writeOutput(media, target, out, signal))) ?? false
    );
  } catch (thrown) {
    await rm(out, { force: true });
    signal.throwIfAborted();
    if (isDiskFull(thrown)) throw thrown;
    throw damagedAudio(recording.codec ?? recording.container, thrown);
  }
}

async function writeOutput(
  media: Media,
  target: RemuxTarget,
  out: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { bunny, codec } = media;
  if (codec === null || !codecs[target].includes(codec)) return false;
  const handle = await open(out, 'w', 0o600);
  try {
    const output = new bunny.Output({
      format: target === 'mp4' ? new bunny.Mp4OutputFormat() : new bunny.WebMOutputFormat(),
      target: new bunny.StreamTarget(writableTo(handle), { chunked: true, chunkSize: writeBytes }),
    });
    try {
      await copyTrack(media, codec, output, signal);
    } catch (thrown) {
      await output.cancel();
      throw thrown;
    }
  } finally {
    await handle.close();
  }
  return true;
}

async function copyTrack(
  media: Media,
  codec: AudioCodec,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const source = new media.bunny.EncodedAudioPacketSource(codec);
  const decoderConfig = (await media.track.getDecoderConfig()) ?? undefined;
  output.addAudioTrack(source);
  await output.start();
  let count = 0;
  for await (const packet of media.packets()) {
    await source.add(packet, { decoderConfig });
    if (++count % packetsPerTurn === 0) await setImmediate();
    signal.throwIfAborted();
  }
  if (count === 0) throw new RangeError('no packets');
  await output.finalize();
}

function writableTo(handle: FileHandle) {
  return new WritableStream<{ data: Uint8Array; position: number }>({
    write: ({ data, position }) => writeAll(handle, data, position),
  });
}
