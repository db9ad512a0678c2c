// FLAC, in its own container or another by packets, and in Ogg as a file: mediabunny knows no FLAC there.
import { FLACDecoder, FLACDecoderWebWorker } from '@wasm-audio-decoders/flac';
import { type DecodedAudio, decodedOf, type FileDecoder, type PacketDecoder, quietly } from './decoder.ts';

/** As in mp3.ts. */
export const kept = [FLACDecoderWebWorker];

/** The decoder proper; the promise around it is of the package's making. */
interface Insides {
  _decoder: { decodeFrames(packets: Uint8Array[]): DecodedAudio };
}

export async function openFlacPackets(rate: number): Promise<PacketDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  const inner = (decoder as unknown as Insides)._decoder;
  const decode = (packets: Uint8Array[]) => decodedOf(quietly(() => inner.decodeFrames(packets))).planes;
  return { rate, decode, close: () => decoder.free() };
}

export async function openFlac(): Promise<FileDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  return {
    decode: async (piece) => decodedOf(await quietly(() => decoder.decode(piece))),
    end: async () => decodedOf(await quietly(() => decoder.flush())),
    close: () => decoder.free(),
  };
}
