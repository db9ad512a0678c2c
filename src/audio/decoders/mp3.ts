// Decodes MP3 with mpg123, which skips tags and removes encoder delay and padding. The library inside the package is LGPL-2.1;
// minimp3-wasm has a freer licence, but needs the whole file in memory.
import { MPEGDecoder, MPEGDecoderWebWorker } from 'mpg123-decoder';
import {
  type Decoded,
  type FileDecoder,
  type PacketDecoder,
  toDecoded,
  withoutConsoleErrors,
} from './decoder.ts';

/** Keeps the class in the bundle: the bundler drops it although the package refers to it, a ReferenceError in the binary. */
export const keepInBundle = [MPEGDecoderWebWorker];

/** Return codes of libmpg123. */
const needMore = -10;
const newFormat = -11;

interface DecoderInternals {
  _common: { wasm: { mpeg_decoder_read: (...args: number[]) => number } };
}

async function open(): Promise<MPEGDecoder> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  // The package would retry forever after a permanent error, so every error ends the current chunk.
  const { wasm } = (decoder as unknown as DecoderInternals)._common;
  const read = wasm.mpeg_decoder_read;
  wasm.mpeg_decoder_read = (...args) => {
    const code = read(...args);
    return code === 0 || code === newFormat ? code : needMore;
  };
  return decoder;
}

export async function openMp3(): Promise<FileDecoder> {
  const decoder = await open();
  const decode = async (chunk: Uint8Array): Promise<Decoded> =>
    toDecoded(withoutConsoleErrors(() => decoder.decode(chunk)));
  return { decode, end: async () => ({ rate: 0, planes: [] }), close: () => decoder.free() };
}

export async function openMp3Packets(rate: number): Promise<PacketDecoder> {
  const decoder = await open();
  const decode = (packets: Uint8Array[]) =>
    toDecoded(withoutConsoleErrors(() => decoder.decodeFrames(packets))).planes;
  return { rate, decode, close: () => decoder.free() };
}
