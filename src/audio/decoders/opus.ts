// Decodes Opus packets (RFC 6716, header: RFC 7845 5.1), at the preferred rate if the codec supports it.
import { OpusDecoder, OpusDecoderWebWorker } from 'opus-decoder';
import { viewOf } from '../containers/byte-source.ts';
import { damagedAudio } from '../reading/unusable-audio.ts';
import { type PacketDecoder, withoutConsoleErrors } from './decoder.ts';

/** See mp3.ts. */
export const keepInBundle = [OpusDecoderWebWorker];

const codecRate = 48_000;
const rates = [8000, 12_000, 16_000, 24_000, codecRate] as const;

export interface OpusPackets extends PacketDecoder {
  /** Sample frames at `rate` to drop at the beginning. */
  preSkip: number;
}

export async function openOpus(head: Uint8Array, preferredRate: number | undefined): Promise<OpusPackets> {
  if (head.length < 19) throw damagedAudio('Opus');
  const view = viewOf(head);
  const rate = rates.find((one) => one === preferredRate) ?? codecRate;
  const channels = view.getUint8(9);
  const mapped = view.getUint8(18) !== 0;
  if (channels < 1 || (mapped && head.length < 21 + channels) || (!mapped && channels > 2))
    throw damagedAudio('Opus');
  const decoder = new OpusDecoder({
    sampleRate: rate,
    channels,
    ...(mapped && {
      streamCount: view.getUint8(19),
      coupledStreamCount: view.getUint8(20),
      channelMappingTable: [...head.subarray(21, 21 + channels)],
    }),
  });
  await decoder.ready;
  const decode = (packets: Uint8Array[]) => {
    const { channelData, samplesDecoded } = withoutConsoleErrors(() => decoder.decodeFrames(packets));
    return samplesDecoded === 0 ? [] : channelData;
  };
  const preSkip = Math.round((view.getUint16(10, true) * rate) / codecRate);
  return { rate, preSkip, decode, close: () => decoder.free() };
}
