// SILK packets as the samples the SDK's own decoder gives, bit for bit. Runs on the calling thread, at
// about a thousand times real time.
import { Failure } from '../../failure.ts';
import { framesPerS, longestFrames, type SilkFile, tooLong } from './container.ts';
import { play } from './wasm.ts';

const rates = [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000] as const;
/** What the decoder can resample to, in Hz; any other number makes it trap or write wrong sound. */
export type SilkRate = (typeof rates)[number];

const mostFramesPerPacket = 5;
/** Of the packets that tell how many frames those of this file hold. */
const sampledPackets = 50;

/** A setting's number as a rate, or a Failure. */
export function silkRate(hz: number): SilkRate {
  const rate = rates.find((one) => one === hz);
  if (rate !== undefined) return rate;
  throw new Failure('invalid_request', `SILK cannot be decoded to ${hz} Hz.`, {
    advice: 'Use 8000, 12000, 16000, 24000, 32000, 44100 or 48000.',
  });
}

/** `onSamples` gets one channel, packet by packet, in memory that is not its own; what it throws ends the decoding. */
export function decodeSilk(
  module: WebAssembly.Module,
  file: SilkFile,
  rate: SilkRate,
  onSamples: (samples: Int16Array) => void,
): { durationS: number } {
  const perPacket = framesPerPacket(module, file);
  if (file.count * perPacket > longestFrames) throw tooLong();
  const most = (longestFrames * rate) / framesPerS;
  let decoded = 0;
  play(module, { [Symbol.iterator]: () => withLost(file, perPacket) }, rate, (samples) => {
    decoded += samples.length;
    // Packets of different lengths, which no known encoder writes.
    if (decoded > most) throw tooLong();
    onSamples(samples);
  });
  return { durationS: decoded / rate };
}

/** 1 without a look where nothing depends on it. */
function framesPerPacket(module: WebAssembly.Module, file: SilkFile): number {
  const mayBeTooLong = file.count * mostFramesPerPacket > longestFrames;
  const some: Uint8Array[] = [];
  let hasLost = false;
  for (const packet of file.packets()) {
    if (packet.length === 0) hasLost = true;
    else if (some.length < sampledPackets) some.push(packet);
    else if (hasLost || mayBeTooLong) break;
  }
  if (some.length === 0 || !(hasLost || mayBeTooLong)) return 1;
  const rate = rates[0];
  let samples = 0;
  play(module, some, rate, ({ length }) => {
    samples += length;
  });
  // Rounded for a damaged packet among them: that counts as one frame.
  return Math.round((samples * framesPerS) / rate / some.length);
}

/** An empty packet, which is one frame to the decoder, stands for as many as the others hold, if it is not the first. */
function* withLost(file: SilkFile, perPacket: number): Generator<Uint8Array> {
  let isFirst = true;
  for (const packet of file.packets()) {
    if (packet.length > 0) isFirst = false;
    const times = packet.length > 0 || isFirst ? 1 : perPacket;
    for (let left = times; left > 0; left--) yield packet;
  }
}
