// The same packets of sound in another file: ADTS, 3GP, MOV and films with AAC become M4A, Matroska and films with Opus or
// Vorbis become WebM. No sound is decoded and none is lost.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { AudioCodec, Output } from 'mediabunny';
import { damaged } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import { isDiskFull } from '../work-directory.ts';
import { writeAll } from './bytes.ts';
import { type Media, withMedia } from './media.ts';

export type Remuxed = 'mp4' | 'webm';

const codecs: Record<Remuxed, readonly AudioCodec[]> = { mp4: ['aac', 'mp3'], webm: ['opus', 'vorbis'] };
const sources: { [C in Container]?: Remuxed } = {
  adts: 'mp4',
  '3gp': 'mp4',
  mov: 'mp4',
  mp4: 'mp4',
  matroska: 'webm',
  webm: 'webm',
};
/** Packets between two turns for others; copying them is little work. */
const packetsPerTurn = 200;
/** What is gathered before it is written. */
const writeBytes = 1_048_576;

/** What the packets of such a container could be moved to. */
export function remuxTarget(container: Container): Remuxed | undefined {
  return sources[container];
}

/** True when `out` holds the recording now; false when the codec does not belong into `target`. */
export async function remux(
  recording: Recording,
  target: Remuxed,
  out: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await withMedia(recording, { signal }, (media) => copy(media, target, out, signal))) ?? false;
  } catch (thrown) {
    await rm(out, { force: true });
    signal.throwIfAborted();
    if (isDiskFull(thrown)) throw thrown;
    throw damaged(recording.codec ?? recording.container, thrown);
  }
}

async function copy(media: Media, target: Remuxed, out: string, signal: AbortSignal): Promise<boolean> {
  const { bunny, codec } = media;
  if (codec === null || !codecs[target].includes(codec)) return false;
  const handle = await open(out, 'w', 0o600);
  try {
    const output = new bunny.Output({
      format: target === 'mp4' ? new bunny.Mp4OutputFormat() : new bunny.WebMOutputFormat(),
      target: new bunny.StreamTarget(writableTo(handle), { chunked: true, chunkSize: writeBytes }),
    });
    try {
      await fill(media, codec, output, signal);
    } catch (thrown) {
      await output.cancel();
      throw thrown;
    }
  } finally {
    await handle.close();
  }
  return true;
}

async function fill(media: Media, codec: AudioCodec, output: Output, signal: AbortSignal): Promise<void> {
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
