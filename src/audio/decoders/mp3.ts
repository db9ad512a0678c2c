// MP3 by mpg123, which skips tags and cuts what encoders put around the sound, by their own word. The library inside the
// package is LGPL-2.1; minimp3-wasm is freer, but wants the whole file in memory.
import { MPEGDecoder, MPEGDecoderWebWorker } from 'mpg123-decoder';
import { type Decoded, decodedOf, type FileDecoder, type PacketDecoder, quietly } from './decoder.ts';

/** The bundler drops the class although the package still names it: ReferenceError in the binary. */
export const kept = [MPEGDecoderWebWorker];

/** What libmpg123 says: wait for more, a new format begins. */
const needMore = -10;
const newFormat = -11;

interface Insides {
  _common: { wasm: { mpeg_decoder_read: (...args: number[]) => number } };
}

async function open(): Promise<MPEGDecoder> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  // On an error that stays, the package would ask again and again: an error ends what can be had of a piece.
  const { wasm } = (decoder as unknown as Insides)._common;
  const read = wasm.mpeg_decoder_read;
  wasm.mpeg_decoder_read = (...args) => {
    const said = read(...args);
    return said === 0 || said === newFormat ? said : needMore;
  };
  return decoder;
}

export async function openMp3(): Promise<FileDecoder> {
  const decoder = await open();
  const decode = async (piece: Uint8Array): Promise<Decoded> =>
    decodedOf(quietly(() => decoder.decode(piece)));
  return { decode, end: async () => ({ rate: 0, planes: [] }), close: () => decoder.free() };
}

export async function openMp3Packets(rate: number): Promise<PacketDecoder> {
  const decoder = await open();
  const decode = (packets: Uint8Array[]) => decodedOf(quietly(() => decoder.decodeFrames(packets))).planes;
  return { rate, decode, close: () => decoder.free() };
}
