// Decodes SILK packets to the same samples as the SDK's own decoder. Runs on the calling thread at about a thousand times real
// time.
import { Failure } from '../../failure.ts';
import { framesPerS, maxFrames, type SilkFile, tooLong } from './container.ts';
import { decodePackets } from './wasm.ts';

const rates = [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000] as const;
/** Output rates of the decoder in Hz; any other value makes it trap or return wrong samples. */
export type SilkRate = (typeof rates)[number];

const mostFramesPerPacket = 5;
/** Number of packets to decode to find the frames per packet. */
const sampledPackets = 50;

/** Checks a configured rate; throws a Failure if it is not supported. */
export function silkRate(hz: number): SilkRate {
  const rate = rates.find((one) => one === hz);
  if (rate !== undefined) return rate;
  throw new Failure('invalid_request', `SILK cannot be decoded to ${hz} Hz.`, {
    advice: 'Use 8000, 12000, 16000, 24000, 32000, 44100 or 48000.',
  });
}

/** Calls `onSamples` for each packet with mono samples that are valid only during the call. Exceptions end the decoding. */
export function decodeSilk(
  module: WebAssembly.Module,
  file: SilkFile,
  rate: SilkRate,
  onSamples: (samples: Int16Array) => void,
): { durationS: number } {
  const perPacket = framesPerPacket(module, file);
  if (file.count * perPacket > maxFrames) throw tooLong();
  const maxSamples = (maxFrames * rate) / framesPerS;
  let decoded = 0;
  decodePackets(module, { [Symbol.iterator]: () => expandLostPackets(file, perPacket) }, rate, (samples) => {
    decoded += samples.length;
    // Possible only if packets differ in length, which no known encoder produces.
    if (decoded > maxSamples) throw tooLong();
    onSamples(samples);
  });
  return { durationS: decoded / rate };
}

/** Returns 1 without decoding anything if the number does not matter. */
function framesPerPacket(module: WebAssembly.Module, file: SilkFile): number {
  const mayBeTooLong = file.count * mostFramesPerPacket > maxFrames;
  const samplePackets: Uint8Array[] = [];
  let hasLost = false;
  for (const packet of file.packets()) {
    if (packet.length === 0) hasLost = true;
    else if (samplePackets.length < sampledPackets) samplePackets.push(packet);
    else if (hasLost || mayBeTooLong) break;
  }
  if (samplePackets.length === 0 || !(hasLost || mayBeTooLong)) return 1;
  const rate = rates[0];
  let samples = 0;
  decodePackets(module, samplePackets, rate, ({ length }) => {
    samples += length;
  });
  // Rounded, because a damaged packet counts as one frame.
  return Math.round((samples * framesPerS) / rate / samplePackets.length);
}

/** Repeats lost packets: the decoder counts one as a single frame, but it lasts as long as the others, unless it is the first. */
function* expandLostPackets(file: SilkFile, perPacket: number): Generator<Uint8Array> {
  let isFirst = true;
  for (const packet of file.packets()) {
    if (packet.length > 0) isFirst = false;
    const times = packet.length > 0 || isFirst ? 1 : perPacket;
    for (let left = times; left > 0; left--) yield packet;
  }
}
