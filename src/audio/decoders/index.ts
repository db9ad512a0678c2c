// Decodes compressed recordings without ffmpeg. Each decoder is loaded on first use.
import { type Media, openMedia } from '../containers/media.ts';
import { damagedAudio, isRefusal } from '../reading/unusable-audio.ts';
import type { Recording } from '../recording.ts';
import type { Sound } from '../samples/sound.ts';
import { fileSound, packetSound } from './blocks.ts';
import type { PacketDecoder } from './decoder.ts';

export interface DecodeOptions {
  /** Preferred rate in Hz. Opus is decoded at that rate; other codecs keep their own. */
  rate?: number;
  signal: AbortSignal;
}

/** Undefined if there is no decoder for it. Throws a Failure if it is damaged, and the signal's reason once aborted. */
export async function decode(recording: Recording, options: DecodeOptions): Promise<Sound | undefined> {
  const { container, codec, path } = recording;
  const { rate, signal } = options;
  try {
    if (container === 'mp3')
      return await fileSound({ format: 'MP3', signal }, path, await (await import('./mp3.ts')).openMp3());
    if (container === 'flac')
      return await fileSound({ format: 'FLAC', signal }, path, await (await import('./flac.ts')).openFlac());
    if (container === 'ogg' && codec === 'flac') {
      return await fileSound(
        { format: 'FLAC', signal },
        path,
        await (await import('./flac.ts')).openOggFlac(),
      );
    }
    const media = await openMedia(recording, options);
    if (media !== undefined) return await soundOfMedia(media, container, rate, signal);
    if (codec === 'opus' || codec === 'vorbis') throw damagedAudio(codec); // the codec is named in the header, but no packets follow
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    throw isRefusal(thrown) ? thrown : damagedAudio(codec ?? container, thrown);
  }
}

async function soundOfMedia(
  media: Media,
  container: string,
  rate: number | undefined,
  signal: AbortSignal,
): Promise<Sound | undefined> {
  const decoder = await packetDecoder(media, rate).catch(async (thrown) => {
    await media.close();
    throw thrown;
  });
  if (decoder === undefined) {
    await media.close();
    return undefined;
  }
  // Unknown if an Ogg file was truncated after its first page.
  const firstS = await media.track.getFirstTimestamp().catch(() => 0);
  const skip = decoder.preSkip ?? Math.round(Math.max(0, -firstS) * decoder.rate);
  // Ogg and MP4 give the exact end of the recording; mediabunny does not read Matroska's padding.
  const hasEnd = container !== 'webm' && container !== 'matroska';
  const trim = { skip, ...(hasEnd && { startS: Math.max(0, firstS) }) };
  return packetSound({ format: media.codec ?? container, signal }, media, decoder, trim); // takes over closing both
}

async function packetDecoder(
  media: Media,
  rate: number | undefined,
): Promise<(PacketDecoder & { preSkip?: number }) | undefined> {
  const config = await media.track.getDecoderConfig();
  if (config === null) return undefined;
  const setup = bytesOf(config.description);
  switch (media.codec) {
    case 'opus':
      return (await import('./opus.ts')).openOpus(setup, rate);
    case 'vorbis':
      return (await import('./vorbis.ts')).openVorbis(config.sampleRate, setup);
    case 'flac':
      return (await import('./flac.ts')).openFlacPackets(config.sampleRate);
    case 'mp3':
      return (await import('./mp3.ts')).openMp3Packets(config.sampleRate);
    default:
      return undefined;
  }
}

function bytesOf(source: AudioDecoderConfig['description']): Uint8Array {
  if (source === undefined) return new Uint8Array();
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}
