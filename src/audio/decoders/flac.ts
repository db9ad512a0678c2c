// FLAC: in its own container frame by frame, in another by packets, in Ogg as a file, for mediabunny knows no FLAC there.
import { FLACDecoder, FLACDecoderWebWorker } from '@wasm-audio-decoders/flac';
import {
  type Decoded,
  type DecodedAudio,
  decodedOf,
  type FileDecoder,
  type PacketDecoder,
  quietly,
} from './decoder.ts';
import { FlacFrames } from './flac-frames.ts';

/** As in mp3.ts. */
export const kept = [FLACDecoderWebWorker];

/** The decoder proper; the promise around it is of the package's making. */
interface Insides {
  _decoder: { decodeFrames(packets: Uint8Array[]): FlacAudio };
}

interface FlacAudio extends DecodedAudio {
  bitDepth: number;
}

export async function openFlacPackets(rate: number): Promise<PacketDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  const inner = (decoder as unknown as Insides)._decoder;
  const decode = (packets: Uint8Array[]) => scaled(quietly(() => inner.decodeFrames(packets))).planes;
  return { rate, decode, close: () => decoder.free() };
}

export async function openFlac(): Promise<FileDecoder> {
  const frames = new FlacFrames();
  const decoder = await openFlacPackets(0);
  const decode = (some: Uint8Array[]): Decoded => {
    const planes = some.length > 0 ? decoder.decode(some) : [];
    return { rate: planes.length > 0 ? frames.rate : 0, planes };
  };
  return {
    decode: async (piece) => decode(frames.push(piece)),
    end: async () => decode(frames.end()),
    close: decoder.close,
  };
}

export async function openOggFlac(): Promise<FileDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  return {
    decode: async (piece) => scaled(await quietly(() => decoder.decode(piece))),
    end: async () => scaled(await quietly(() => decoder.flush())),
    close: () => decoder.free(),
  };
}

/** The package divides by the largest sample, 32767; everything here by 32768: so the samples come out bit for bit. */
function scaled(audio: FlacAudio): Decoded {
  const decoded = decodedOf(audio);
  const gain = 1 - 2 ** (1 - audio.bitDepth);
  for (const plane of decoded.planes) {
    for (let at = 0; at < plane.length; at++) plane[at]! *= gain;
  }
  return decoded;
}
