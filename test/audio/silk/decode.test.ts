// Decoding SILK: the samples, and what is refused (docs/wire/audio.md#silk).
import { describe, expect, spyOn, test } from 'bun:test';
import { readSilk } from '../../../src/audio/silk/container.ts';
import { decodeSilk, silkRate } from '../../../src/audio/silk/decode.ts';
import { compileDecoder } from '../../../src/audio/silk/wasm.ts';
import {
  decodeAll,
  decoder,
  fixture,
  packetsOf,
  plainFile,
  rates,
  repeatedFixture,
  samplesHash,
  tencentFile,
} from './corpus.ts';

const plain = fixture('20ms-plain.silk');
const samplesOf = (bytes: Uint8Array) => samplesHash(decodeAll(bytes, 24_000).samples);

describe('the result', () => {
  test.each(rates.map((rate) => [rate]))('at %p Hz its duration is that of the samples', (rate) => {
    const { samples, durationS } = decodeAll(plain, rate);
    expect({ length: samples.length, durationS }).toEqual({ length: 1.2 * rate, durationS: 1.2 });
  });

  test('packets of several frames are counted by what they hold', () => {
    for (const name of ['40ms-plain.silk', '100ms-dtx.silk', '80ms-fec-dtx.silk']) {
      expect([name, decodeAll(fixture(name), 16_000).durationS]).toEqual([name, 1.2]);
    }
  });

  test('it is the voice that was encoded, not silence or noise', () => {
    const { samples } = decodeAll(plain, 24_000);
    const loudness = (fromS: number, toS: number) => {
      const part = samples.subarray(fromS * 24_000, toS * 24_000);
      return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
    };
    expect(loudness(0.1, 0.4)).toBeGreaterThan(1000);
    expect(loudness(0.5, 0.85)).toBeLessThan(100);
    expect(loudness(1, 1.2)).toBeGreaterThan(1000);
  });

  test('a recording truncated in its last packet is decoded up to there', () => {
    const cut = plain.subarray(0, plain.length - 10);
    expect(samplesOf(cut)).toBe(samplesOf(plainFile(packetsOf(plain).slice(0, -1))));
  });

  test('the bytes that came in are left as they are', () => {
    const bytes = plain.slice();
    decodeAll(bytes, 8000);
    expect(Buffer.from(bytes).equals(plain)).toBe(true);
  });

  test('comes packet by packet', () => {
    const lengths: number[] = [];
    decodeSilk(decoder, readSilk(fixture('60ms-plain.silk')), 16_000, ({ length }) => lengths.push(length));
    expect(lengths).toEqual(Array(20).fill(960));
  });
});

describe('lost packets', () => {
  const nothing = new Uint8Array(0);
  const fill = (count: number) => Array.from({ length: count }, () => nothing);
  const packets = packetsOf(plain);
  const tooLarge = new Uint8Array(1025);

  // The SDK treats a packet of more than 1024 bytes as lost; that part of the decoder is not patched.
  test('are as the SDK has them', () => {
    const rows = [
      (gap: Uint8Array) => [gap, ...packets],
      (gap: Uint8Array) => [gap, gap, gap, ...packets],
      (gap: Uint8Array) => [packets[0]!, gap, ...packets.slice(1)],
      (gap: Uint8Array) => packets.map((packet, at) => (at % 3 === 2 ? gap : packet)),
      (gap: Uint8Array) => [...packets, gap],
      (gap: Uint8Array) => packets.map(() => gap),
    ];
    for (const [index, edit] of rows.entries()) {
      const [ours, theirs] = [samplesOf(tencentFile(edit(nothing))), samplesOf(tencentFile(edit(tooLarge)))];
      expect([index, ours]).toEqual([index, theirs]);
    }
  });

  test('last as long as the others, before the first of those one frame', () => {
    const hundred = packetsOf(fixture('100ms-plain.silk'));
    const file = tencentFile([nothing, nothing, ...hundred, ...fill(3)]);
    expect(decodeAll(file, 8000).durationS).toBeCloseTo(0.04 + 1.2 + 0.3, 6);
  });
});

describe('the rate', () => {
  test.each([0, -1, 1000, 11_025, 22_050, 24_000.5, 96_000, Number.NaN])('%p Hz is refused', (hz) => {
    expect(() => silkRate(hz)).toThrow(expect.objectContaining({ kind: 'invalid_request' }));
  });

  test.each(rates.map((rate) => [rate]))('%p Hz is one', (rate) => {
    expect(silkRate(rate)).toBe(rate);
  });
});

describe('more than an hour is refused before it is decoded', () => {
  const tooLong = { kind: 'too_large', code: 'audio_too_long', param: 'file' };
  const refused = (bytes: Uint8Array) => {
    let samples = 0;
    try {
      decodeSilk(decoder, readSilk(bytes), 8000, ({ length }) => {
        samples += length;
      });
    } catch (thrown) {
      return { samples, thrown };
    }
    return { samples };
  };

  test('by its packets', () => {
    const file = tencentFile([], Array(2 * 180_001).fill(0));
    expect(refused(file)).toMatchObject({ samples: 0, thrown: tooLong });
  });

  test('by the frames its packets hold', () => {
    const file = repeatedFixture('100ms-dtx.silk', 3601);
    expect(readSilk(file).count).toBeLessThan(50_000);
    expect(refused(file)).toMatchObject({ samples: 0, thrown: tooLong });
  });
});

describe('what goes wrong', () => {
  test('in the caller ends the decoding, and is told as it is', () => {
    let packets = 0;
    const reason = new Error('no space left');
    const decoding = () =>
      decodeSilk(decoder, readSilk(plain), 24_000, () => {
        packets++;
        throw reason;
      });
    expect(decoding).toThrow(reason);
    expect(packets).toBe(1);
    expect(decodeAll(plain, 24_000).durationS).toBe(1.2);
  });

  test('running out of memory is a named error', () => {
    const { grow } = WebAssembly.Memory.prototype;
    WebAssembly.Memory.prototype.grow = () => {
      throw new RangeError('no memory');
    };
    try {
      const large = plainFile(Array(20_000).fill(new Uint8Array(1000)));
      expect(() => decodeAll(large, 8000)).toThrow(
        expect.objectContaining({
          kind: 'unavailable',
          message: 'There is not enough memory to decode the SILK recording.',
        }),
      );
    } finally {
      WebAssembly.Memory.prototype.grow = grow;
    }
    expect(decodeAll(plain, 48_000).durationS).toBe(1.2);
  });

  const broken: [string, () => number][] = [
    [
      'traps',
      () => {
        throw new WebAssembly.RuntimeError('Out of bounds memory access');
      },
    ],
    ['gives up', () => 0],
  ];
  test.each(broken)('a decoder that %s is a named error', (_, decode) => {
    const functions = spyOn(WebAssembly.Table.prototype, 'get').mockImplementation(() => decode);
    try {
      expect(() => decodeAll(plain, 24_000)).toThrow(
        expect.objectContaining({
          kind: 'invalid_request',
          code: 'invalid_audio',
          param: 'file',
          message: 'The SILK recording cannot be decoded.',
        }),
      );
    } finally {
      functions.mockRestore();
    }
  });

  test('a silk-wasm whose code is another is not patched', async () => {
    const file = spyOn(Bun, 'file').mockImplementation(
      (() => new Blob(['\0asm'])) as unknown as typeof Bun.file,
    );
    try {
      const compiling = compileDecoder().catch((thrown: unknown) => thrown);
      expect(await compiling).toMatchObject({ name: 'Failure', kind: 'bug' });
    } finally {
      file.mockRestore();
    }
  });
});
