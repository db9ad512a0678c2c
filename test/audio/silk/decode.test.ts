// Decoding SILK: what comes out, in which thread, and how it ends early (reference/asr.md 6.3; 9, traps 22 to 27, 53).
import { describe, expect, spyOn, test } from 'bun:test';
import { readSilk } from '../../../src/audio/silk/container.ts';
import { decodeInThread, decodeSilk, silkRate } from '../../../src/audio/silk/decode.ts';
import { decodePackets, type SilkRate } from '../../../src/audio/silk/wasm.ts';
import { Failure } from '../../../src/failure.ts';
import { fixture, none, plainFile, rates, samplesHash, tencentFile } from './corpus.ts';

const plain = fixture('20ms-plain.silk');

/** The packets of a file so often that they last `seconds`. */
function long(name: string, seconds: number): Uint8Array {
  const { packets } = readSilk(fixture(name));
  const times = Math.ceil(seconds / 1.2);
  return tencentFile(Array.from({ length: times }, () => packets).flat());
}

describe('the result', () => {
  test.each(rates.map((rate) => [rate]))(
    'trap 23: at %p Hz its duration is that of the samples',
    async (rate) => {
      const { samples, durationS, truncated, rate: given } = await decodeSilk(plain, rate, none);
      expect({ length: samples.length, durationS, truncated, given }).toEqual({
        length: 1.2 * rate,
        durationS: 1.2,
        truncated: false,
        given: rate,
      });
    },
  );

  test('packets of several frames are counted by what they hold', async () => {
    for (const [name, durationS] of [
      ['40ms-plain.silk', 1.2],
      ['100ms-dtx.silk', 1.2],
      ['80ms-fec-dtx.silk', 1.2],
    ] as const) {
      expect([name, (await decodeSilk(fixture(name), 16_000, none)).durationS]).toEqual([name, durationS]);
    }
  });

  test('it is the voice that was encoded, not silence or noise', async () => {
    const { samples } = await decodeSilk(plain, 24_000, none);
    const loudness = (fromS: number, toS: number) => {
      const part = samples.subarray(fromS * 24_000, toS * 24_000);
      return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
    };
    expect(loudness(0.1, 0.4)).toBeGreaterThan(1000);
    expect(loudness(0.5, 0.85)).toBeLessThan(100);
    expect(loudness(1, 1.2)).toBeGreaterThan(1000);
  });

  test('trap 24: cut off in its last packet it is what is whole, and says so', async () => {
    const cut = await decodeSilk(plain.subarray(0, plain.length - 10), 24_000, none);
    const { packets } = readSilk(plain);
    const without = await decodeSilk(plainFile(packets.slice(0, -1)), 24_000, none);
    expect(cut.truncated).toBe(true);
    expect(samplesHash(cut.samples)).toBe(samplesHash(without.samples));
  });

  test('the bytes that came in are left as they are', async () => {
    const bytes = long('20ms-plain.silk', 90);
    const before = Bun.hash(bytes);
    await decodeSilk(bytes, 8000, none);
    expect(Bun.hash(bytes)).toBe(before);
  });

  test('many at once do not disturb each other', async () => {
    const alone = samplesHash((await decodeSilk(plain, 16_000, none)).samples);
    const all = await Promise.all(Array.from({ length: 16 }, () => decodeSilk(plain, 16_000, none)));
    expect(new Set(all.map(({ samples }) => samplesHash(samples)))).toEqual(new Set([alone]));
  });
});

describe('the rate', () => {
  test.each([0, -1, 1000, 11_025, 22_050, 24_000.5, 96_000, Number.NaN])('%p Hz is refused', async (hz) => {
    const refused = expect.objectContaining({ kind: 'invalid_request' });
    expect(() => silkRate(hz)).toThrow(refused);
    expect(await decodeSilk(plain, hz as SilkRate, none).catch((thrown: unknown) => thrown)).toEqual(refused);
  });

  test.each(rates.map((rate) => [rate]))('%p Hz is one', (rate) => {
    expect(silkRate(rate)).toBe(rate);
  });
});

describe('trap 27: a long recording', () => {
  const minutes = long('20ms-plain.silk', 180);

  test('gives in its thread what it gives in ours', async () => {
    const [there, here] = await Promise.all([
      decodeInThread({ bytes: plain, rate: 24_000 }, none),
      decodeSilk(plain, 24_000, none),
    ]);
    expect(samplesHash(there)).toBe(samplesHash(here.samples));
  });

  test('is decoded while others work', async () => {
    let turns = 0;
    let done = false;
    const decoding = decodeSilk(minutes, 24_000, none).finally(() => {
      done = true;
    });
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    expect((await decoding).durationS).toBe(180);
    expect(turns).toBeGreaterThan(20);
  });

  test('is given up when the caller leaves', async () => {
    const controller = new AbortController();
    const reason = new Failure('cancelled', 'The caller left.');
    const decoding = decodeSilk(minutes, 24_000, controller.signal);
    setImmediate(() => controller.abort(reason));
    expect(await decoding.catch((thrown: unknown) => thrown)).toBe(reason);
  });

  test('is given up when it takes too long', async () => {
    const limited = decodeInThread({ bytes: minutes, rate: 24_000 }, none, 1);
    expect(await limited.catch((thrown: unknown) => thrown)).toMatchObject({ kind: 'timeout', retry: false });
  });

  test('that is broken is told by its own sentence', async () => {
    const refused = decodeInThread({ bytes: plainFile([]), rate: 24_000 }, none);
    const failure = await refused.catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'invalid_audio', param: 'file', next: 'Send the whole file.' });
  });
});

test('nobody is waiting: nothing is decoded', async () => {
  const reason = new Failure('cancelled', 'The caller left.');
  const decoding = decodeSilk(plain, 24_000, AbortSignal.abort(reason));
  expect(await decoding.catch((thrown: unknown) => thrown)).toBe(reason);
});

describe('trap 53: more than an hour is refused before it is decoded', () => {
  const tooLong = { kind: 'too_large', code: 'audio_too_long', param: 'file' };

  test('by its packets', async () => {
    const file = tencentFile([], Array(2 * 180_001).fill(0));
    expect(await decodeSilk(file, 8000, none).catch((thrown: unknown) => thrown)).toMatchObject(tooLong);
  });

  test('by the frames its packets hold', async () => {
    const file = long('100ms-dtx.silk', 3601);
    expect(readSilk(file).durationS).toBeLessThan(1000);
    expect(await decodeSilk(file, 8000, none).catch((thrown: unknown) => thrown)).toMatchObject(tooLong);
  });
});

test('trap 22: what goes wrong inside silk-wasm is a named error', async () => {
  // Its memory cannot grow; the glue says so on the console before it throws.
  const silenced = spyOn(console, 'error').mockImplementation(() => {});
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = () => {
    throw new RangeError('no memory');
  };
  try {
    const decoding = decodePackets(readSilk(long('100ms-plain.silk', 200)).packets, 48_000);
    expect(
      await decoding.then(
        () => 'decoded',
        (thrown: unknown) => thrown,
      ),
    ).toMatchObject({
      kind: 'invalid_request',
      code: 'invalid_audio',
      param: 'file',
      message: 'The SILK recording cannot be decoded.',
      cause: expect.any(Error),
    });
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
    silenced.mockRestore();
  }
  expect((await decodeSilk(plain, 48_000, none)).durationS).toBe(1.2);
});
