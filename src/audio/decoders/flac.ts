// FLAC: native files frame by frame, other containers by packets, Ogg as a file, because mediabunny does not support FLAC in
// Ogg.
import { FLACDecoder, FLACDecoderWebWorker } from '@wasm-audio-decoders/flac';
import {
  type Decoded,
  type DecodedAudio,
  type FileDecoder,
  type PacketDecoder,
  toDecoded,
  withoutConsoleErrors,
} from './decoder.ts';
import { FlacFrames } from './flac-frames.ts';

/** See mp3.ts. */
export const keepInBundle = [FLACDecoderWebWorker];

/** The synchronous decoder inside the package's asynchronous one. */
interface DecoderInternals {
  _decoder: { decodeFrames(packets: Uint8Array[]): FlacAudio };
}

interface FlacAudio extends DecodedAudio {
  bitDepth: number;
}

export async function openFlacPackets(rate: number): Promise<PacketDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  const inner = (decoder as unknown as DecoderInternals)._decoder;
  const decode = (packets: Uint8Array[]) =>
    rescale(withoutConsoleErrors(() => inner.decodeFrames(packets))).planes;
  return { rate, decode, close: () => decoder.free() };
}

export async function openFlac(): Promise<FileDecoder> {
  const frames = new FlacFrames();
  const decoder = await openFlacPackets(0);
  const decode = (complete: Uint8Array[]): Decoded => {
    const planes = complete.length > 0 ? decoder.decode(complete) : [];
    return { rate: planes.length > 0 ? frames.rate : 0, planes };
  };
  return {
    decode: async (chunk) => decode(frames.push(chunk)),
    end: async () => decode(frames.end()),
    close: decoder.close,
  };
}

export async function openOggFlac(): Promise<FileDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  return {
    decode: async (chunk) => rescale(await withoutConsoleErrors(() => decoder.decode(chunk))),
    end: async () => rescale(await withoutConsoleErrors(() => decoder.flush())),
    close: () => decoder.free(),
  };
}

/** The package divides samples by 32767, the rest of codexd by 32768. Rescaling makes the output bit-exact. */
function rescale(audio: FlacAudio): Decoded {
  const decoded = toDecoded(audio);
  const gain = 1 - 2 ** (1 - audio.bitDepth);
  for (const plane of decoded.planes) {
    for (let at = 0; at < plane.length; at++) plane[at]! *= gain;
  }
  return decoded;
}
