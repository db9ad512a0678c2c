// SILK files with known samples. The fixtures were written by the SDK's encoder (rust-silk 0.1.3), the others are
// created here by silk-wasm's, which shares no code with its decoder. reference.json contains the output of the SDK's
// decoder for each file and rate, as the SHA-256 of s16le samples.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'silk-wasm';
import { readSilk } from '../../../src/audio/silk/container.ts';
import { decodeSilk, type SilkRate } from '../../../src/audio/silk/decode.ts';
import { compileDecoder } from '../../../src/audio/silk/wasm.ts';

export const fixtures = join(import.meta.dir, '../../fixtures/silk');
export const rates: readonly SilkRate[] = [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000];
export const neverAborted = new AbortController().signal;

const magic = [...Buffer.from('#!SILK_V3')];
export const endMarker = [0xff, 0xff];

/**
 * Files of rust-silk: `<packet ms>-<options>`. `dtx` files have empty packets, `fec` files a second copy of some
 * frames.
 */
export const fixtureNames: readonly string[] = readdirSync(fixtures)
  .filter((name) => name.endsWith('.silk'))
  .sort();

export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(join(fixtures, name)));

function file(start: readonly number[], packets: readonly ArrayLike<number>[], end: number[]): Uint8Array {
  const parts = packets.flatMap((one) => [
    Uint8Array.of(one.length & 0xff, one.length >> 8),
    Uint8Array.from(one),
  ]);
  return Uint8Array.from(Buffer.concat([Uint8Array.from(start), ...parts, Uint8Array.from(end)]));
}

export function plainFile(packets: readonly ArrayLike<number>[], end: number[] = endMarker): Uint8Array {
  return file(magic, packets, end);
}

export function tencentFile(packets: readonly ArrayLike<number>[], end: number[] = []): Uint8Array {
  return file([0x02, ...magic], packets, end);
}

/** As stored in a file. */
export const packetsOf = (bytes: Uint8Array): Uint8Array[] => [...readSilk(bytes).packets()];

/** The packets of a 1.2 s fixture, repeated to last `seconds`. */
export function repeatedFixture(name: string, seconds: number): Uint8Array {
  const packets = packetsOf(fixture(name));
  return tencentFile(Array.from({ length: Math.ceil(seconds / 1.2) }, () => packets).flat());
}

export const decoder: WebAssembly.Module = await compileDecoder();

/** Decodes a whole file in memory. */
export function decodeAll(bytes: Uint8Array, rate: SilkRate): { samples: Int16Array; durationS: number } {
  const parts: Buffer[] = [];
  const { durationS } = decodeSilk(decoder, readSilk(bytes), rate, (samples) => {
    parts.push(Buffer.copyBytesFrom(samples));
  });
  const all = Uint8Array.from(Buffer.concat(parts));
  return { samples: new Int16Array(all.buffer), durationS };
}

export function samplesHash(samples: Int16Array): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}

/**
 * Resembles speech: 0.4 s of a humming voice, 0.5 s of near silence, 0.3 s of voice. Uses only additions and
 * multiplications, so that every machine produces the same samples.
 */
export function voice(rate: number, seed = 1): Int16Array {
  const random = randomFrom(seed);
  const samples = new Int16Array(Math.round(rate * 1.2));
  let [phase, before, last] = [0, 0, 0];
  for (let at = 0; at < samples.length; at++) {
    const t = at / rate;
    const loud = t < 0.4 || t > 0.9;
    phase += (100 + 50 * t) / rate;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const breath = (random() - 0.5) * (loud ? 400 : 6);
    // A resonance that decays within about ten milliseconds.
    const next =
      (1.9 - 1600 / rate) * last - (0.98 - 800 / rate) * before + (loud ? pulse * 3000 : 0) + breath;
    [before, last] = [last, next];
    samples[at] = Math.max(-20_000, Math.min(20_000, next));
  }
  return samples;
}

/** The first part of `voice` encoded by silk-wasm at this rate: Tencent variant, packets of 20 ms. */
export async function encodedVoice(rate: SilkRate): Promise<Uint8Array> {
  return (await encode(voice(rate).subarray(0, rate * 0.3), rate)).data;
}

export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** By file, then by rate. `file` is the hash of the file, to tell a changed encoder from a wrong decoder. */
export type Reference = Record<string, { file: string; samples: Record<string, string> }>;
