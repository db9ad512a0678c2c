// Samples: mixing, the resampler compared with a reference sine, WAV output, and ADPCM and logarithmic codes compared with sox.
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withByteSource } from '../../../src/audio/containers/byte-source.ts';
import { layoutOf } from '../../../src/audio/containers/index.ts';
import { readWav } from '../../../src/audio/containers/wav.ts';
import { MonoMixer } from '../../../src/audio/samples/mono.ts';
import { int16Of, planesOf } from '../../../src/audio/samples/pcm.ts';
import { Resampler } from '../../../src/audio/samples/resample.ts';
import { type Sound, soundOf } from '../../../src/audio/samples/sound.ts';
import { longestHours, writeWav } from '../../../src/audio/samples/wav-file.ts';
import {
  areInstalled,
  fileOf,
  neverAborted,
  risingTone,
  run,
  samplesOf,
  wav,
  workDirectory,
} from '../containers/support.ts';

const directory = workDirectory();

function sine(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, at) =>
    Math.sin((2 * Math.PI * hz * at) / rate),
  );
}

function joined(pieces: Float32Array[]): Float32Array {
  const out = new Float32Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function resampled(
  input: Float32Array,
  from: number,
  to: number,
  pieces: number[] = [input.length],
): Float32Array {
  const resampler = new Resampler(from, to);
  const out: Float32Array[] = [];
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const length = pieces[turn % pieces.length]!;
    out.push(resampler.push(input.subarray(at, at + length)));
    at += length;
  }
  return joined([...out, resampler.flush()]);
}

/** In dB below full scale, without the ends. */
function loudness(samples: Float32Array): number {
  const inner = samples.subarray(200, samples.length - 200);
  return (
    10 * Math.log10(inner.reduce((sum, sample) => sum + sample * sample, 0) / inner.length + 1e-20) + 3.01
  );
}

test('every 16-bit sample comes back as it was', () => {
  const all = new Uint8Array(Int16Array.from({ length: 65_536 }, (_, at) => at - 32_768).buffer);
  expect(Buffer.from(int16Of(planesOf(all, 's16le', 2))).equals(Buffer.from(all))).toBe(true);
});

test('what is too loud is clipped', () => {
  const out = int16Of([Float32Array.of(1.5, -1.5, 1, -1)]);
  expect([...new Int16Array(out.buffer)]).toEqual([32_767, -32_768, 32_767, -32_768]);
});

describe('the resampler', () => {
  const ways: [number, number, number][] = [
    [48_000, 16_000, 1000],
    [44_100, 16_000, 3000],
    [24_000, 16_000, 440],
    [8000, 16_000, 1000],
    [11_025, 16_000, 700],
    [192_000, 16_000, 5000],
    [16_000, 24_000, 5000],
    [44_101, 16_000, 1000],
  ];
  test.each(ways)('from %p to %p Hz keeps a tone of %p Hz', (from, to, hz) => {
    const out = resampled(sine(hz, from, 0.4), from, to);
    const wanted = sine(hz, to, 0.4);
    expect(out.length).toBe(wanted.length);
    expect(loudness(out.map((sample, at) => sample - wanted[at]!))).toBeLessThan(-55);
  });

  const above: [number, number, number][] = [
    [48_000, 16_000, 10_000],
    [44_100, 16_000, 12_000],
    [24_000, 16_000, 11_000],
    [192_000, 16_000, 40_000],
  ];
  test.each(above)('from %p to %p Hz nothing is left of %p Hz', (from, to, hz) => {
    expect(loudness(resampled(sine(hz, from, 0.4), from, to))).toBeLessThan(-60);
  });

  test('the sizes of the pieces do not matter', () => {
    const input = sine(900, 44_100, 0.3);
    const whole = resampled(input, 44_100, 16_000);
    for (const pieces of [[1], [7, 1, 1000], [441], [5000, 3]]) {
      expect(resampled(input, 44_100, 16_000, pieces)).toEqual(whole);
    }
  });

  const lengths = [0, 1, 2, 3, 100, 441, 44_100, 70_001, 200_000];
  test.each(lengths)('%p frames become as many as they should', (length) => {
    for (const [from, to] of [
      [44_100, 16_000],
      [8000, 16_000],
      [767_999, 8000],
    ] as const) {
      expect(resampled(new Float32Array(length), from, to).length).toBe(Math.round((length * to) / from));
    }
  });

  test('a constant stays what it is', () => {
    const out = resampled(new Float32Array(48_000).fill(0.5), 48_000, 16_000);
    expect(Math.max(...out.subarray(50, -50).map((sample) => Math.abs(sample - 0.5)))).toBeLessThan(1e-4);
  });
});

describe('the mix', () => {
  const left = sine(440, 16_000, 2);
  const mixed = (planes: Float32Array[], size = 16_000) => {
    const mixer = new MonoMixer(planes.length);
    const out: Float32Array[] = [];
    for (let at = 0; at < left.length; at += size)
      out.push(mixer.push(planes.map((p) => p.subarray(at, at + size))));
    return joined([...out, mixer.flush()]);
  };

  test('is the mean', () => {
    expect(mixed([left, new Float32Array(left.length)])).toEqual(left.map((sample) => sample / 2));
    expect(mixed([left, left, left, left])).toEqual(left);
    expect(mixed([left])).toEqual(left);
  });

  test('channels that cancel each other are not mixed', () => {
    expect(mixed([left, left.map((sample) => -sample)])).toEqual(left);
    const louder = left.map((sample) => -1.1 * sample);
    expect(mixed([left.map((sample) => 0.95 * sample), louder])).toEqual(louder);
  });

  test('cancelling is 20 dB below the louder one', () => {
    const against = (part: number) => mixed([left, left.map((sample) => -part * sample)]);
    expect(against(0.81)).toEqual(left);
    expect(against(0.79)[4]).toBeCloseTo(0.105 * left[4]!, 5);
  });

  test('silence is silence', () => {
    const none = new Float32Array(left.length);
    expect(mixed([none, none])).toEqual(none);
  });

  test('the sizes of the blocks do not matter', () => {
    const right = sine(777, 16_000, 2);
    const whole = mixed([left, right], 32_000);
    for (const size of [1000, 8192, 8191, 12_345]) expect(mixed([left, right], size)).toEqual(whole);
  });
});

describe('the WAV that comes out', () => {
  const soundOfPlanes = (planes: Float32Array[], rate: number, times = 1): Sound => ({
    rate,
    channels: planes.length,
    close: async () => {},
    blocks: (async function* () {
      for (let turn = 0; turn < times; turn++) yield planes;
    })(),
  });

  test('reads back as it was', async () => {
    const path = fileOf(
      directory,
      'in.wav',
      wav([0, 0x40, 0, 0x80, 1, 0, 2, 0], { channels: 2, rate: 44_100 }),
    );
    const layout = await withByteSource(path, readWav);
    const out = join(directory, 'out.wav');
    const written = await writeWav(soundOf(path, layout), out, { mono: false }, neverAborted);
    expect(written).toMatchObject({ rate: 44_100, channels: 2, frames: 2, bytes: 52 });
    expect(readFileSync(out).equals(readFileSync(path))).toBe(true);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  test('an empty recording is an empty WAV', async () => {
    const out = join(directory, 'empty.wav');
    const form = { rate: 16_000, mono: true };
    expect(
      (await writeWav(soundOfPlanes([new Float32Array()], 44_100), out, form, neverAborted)).frames,
    ).toBe(0);
    expect(await withByteSource(out, readWav)).toMatchObject({
      frames: 0,
      plain: true,
      rate: 16_000,
      channels: 1,
    });
  });

  test('writing stops at the limit of hours and leaves no file', async () => {
    const out = join(directory, 'long.wav');
    const rate = 1000;
    const sound = soundOfPlanes([new Float32Array(rate * 3600)], rate, longestHours + 1);
    const failure = await writeWav(sound, out, { mono: true }, neverAborted).catch((thrown) => thrown);
    expect(failure).toMatchObject({ kind: 'too_large', code: 'audio_too_long', param: 'file' });
    expect(existsSync(out)).toBe(false);
  });

  test('an abort ends it with its reason, closes the source and leaves nothing', async () => {
    const out = join(directory, 'aborted.wav');
    const aborter = new AbortController();
    let closed = false;
    const blocks = (async function* (): AsyncGenerator<Float32Array[]> {
      try {
        for (;;) {
          yield [new Float32Array(1000)];
          aborter.abort(new Error('gone'));
        }
      } finally {
        closed = true;
      }
    })();
    const close = async () => void (await blocks.return(undefined));
    const writing = writeWav(
      { rate: 16_000, channels: 1, blocks, close },
      out,
      { mono: true },
      aborter.signal,
    );
    expect(writing).rejects.toThrow('gone');
    await writing.catch(() => {});
    expect([closed, existsSync(out)]).toEqual([true, false]);
  });
});

describe.skipIf(!areInstalled('sox'))('against sox', () => {
  const source = areInstalled('sox') ? risingTone(directory) : '';
  const kinds: [string, string[]][] = [
    ['A-law', ['-e', 'a-law']],
    ['µ-law', ['-e', 'mu-law']],
    ['IMA ADPCM', ['-e', 'ima-adpcm']],
    ['IMA ADPCM of two channels', ['-c', '2', '-e', 'ima-adpcm']],
    ['24 bits', ['-b', '24']],
    ['32 bits', ['-b', '32']],
    ['8 bits', ['-b', '8']],
    ['floats', ['-e', 'float', '-b', '32']],
    ['big endian', ['-B', '-b', '16']],
  ];
  test.each(kinds)('%s', async (_, options) => {
    const path = join(directory, 'kind.wav');
    run('sox', '-D', source, ...options, path);
    const layout = await layoutOf({ path, container: 'wav' });
    const reference = run('sox', '-D', path, '-t', 'f32', '-');
    const samples = await samplesOf(path, layout!);
    const wanted = planesOf(reference, 'f32le', layout!.channels);
    samples.forEach((plane, channel) => {
      expect(plane.length).toBe(32_000); // sox fills up the last ADPCM block
      expect(Math.max(...plane.map((sample, at) => Math.abs(sample - wanted[channel]![at]!)))).toBeLessThan(
        1e-6,
      );
    });
  });

  test.each(['aiff', 'aifc', 'caf', 'au'])('%s', async (extension) => {
    const path = join(directory, `kind.${extension}`);
    run('sox', '-D', source, path);
    const container = extension === 'aifc' ? 'aiff' : (extension as 'caf');
    const layout = await layoutOf({ path, container });
    expect(layout).toMatchObject({ rate: 16_000, channels: 1, frames: 32_000 });
    const original = await layoutOf({ path: source, container: 'wav' });
    expect(await samplesOf(path, layout!)).toEqual(await samplesOf(source, original!));
  });
});
