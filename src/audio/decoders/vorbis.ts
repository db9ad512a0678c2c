// Vorbis from any container. The package reads only Ogg, but its inner decoder accepts packets from any container.
import { OggVorbisDecoder, OggVorbisDecoderWebWorker } from '@wasm-audio-decoders/ogg-vorbis';
import { damagedAudio } from '../reading/unusable-audio.ts';
import { type DecodedAudio, type PacketDecoder, toDecoded, withoutConsoleErrors } from './decoder.ts';

/** See mp3.ts. */
export const keepInBundle = [OggVorbisDecoderWebWorker];

interface DecoderInternals {
  _decoder: {
    sendSetupHeader(header: Uint8Array): void;
    initDsp(): void;
    decodePackets(packets: Uint8Array[]): DecodedAudio;
  };
}

/** `setup` contains the three header packets in Matroska's form: the lengths of the first two, then the packets. */
export async function openVorbis(rate: number, setup: Uint8Array): Promise<PacketDecoder> {
  const [identification, , tables] = headersOf(setup);
  if (identification === undefined || tables === undefined) throw damagedAudio('Vorbis');
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  const inner = (decoder as unknown as DecoderInternals)._decoder;
  inner.sendSetupHeader(identification);
  inner.sendSetupHeader(tables);
  inner.initDsp();
  const decode = (packets: Uint8Array[]) =>
    toDecoded(withoutConsoleErrors(() => inner.decodePackets(packets))).planes;
  return { rate, decode, close: () => decoder.free() };
}

function headersOf(setup: Uint8Array): Uint8Array[] {
  if (setup[0] !== 2) return [];
  let at = 1;
  const lengths = [0, 0].map(() => {
    let length = 0;
    while (setup[at] === 255) length += setup[at++] ?? 0;
    return length + (setup[at++] ?? 0);
  });
  const [first = 0, second = 0] = lengths;
  const headers = [setup.subarray(at, at + first), setup.subarray(at + first, at + first + second)];
  return [...headers, setup.subarray(at + first + second)].filter((header) => header.length > 0);
}
