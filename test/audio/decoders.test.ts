// The decoders compared with ffmpeg's: the same length, the same samples (docs/wire/audio.md#compressed).
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withByteSource } from '../../src/audio/containers/byte-source.ts';
import { copyPackets } from '../../src/audio/containers/remux.ts';
import { readWav } from '../../src/audio/containers/wav.ts';
import { decode } from '../../src/audio/decoders/index.ts';
import { recognise } from '../../src/audio/reading/recognise.ts';
import { planesOf } from '../../src/audio/samples/pcm.ts';
import { writeWav } from '../../src/audio/samples/wav-file.ts';
import { Failure } from '../../src/failure.ts';
import { areInstalled, fileOf, neverAborted, risingTone, run, workDirectory } from './containers/support.ts';

const directory = workDirectory();
const speech = { rate: 16_000, mono: true };

async function toWav(path: string, out: string, signal = neverAborted) {
  const sound = await decode(await recognise(path, { directory, signal }), { rate: speech.rate, signal });
  return sound && writeWav(sound, out, speech, signal);
}

function samplesAt(path: string): Float32Array {
  return planesOf(readFileSync(path).subarray(44), 's16le', 1)[0]!;
}

/** The correlation of `a` with `b`, from -1 to 1. */
function likeness(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    ab += a[at]! * b[at]!;
    aa += a[at]! * a[at]!;
    bb += b[at]! * b[at]!;
  }
  return ab / Math.sqrt(aa * bb);
}

const encode: Record<string, string[]> = {
  'v.mp3': ['-c:a', 'libmp3lame', '-b:a', '96k'],
  'stereo.mp3': ['-ac', '2', '-ar', '44100', '-c:a', 'libmp3lame', '-q:a', '4'],
  'v.flac': ['-c:a', 'flac'],
  'deep.flac': ['-ac', '2', '-ar', '48000', '-c:a', 'flac', '-sample_fmt', 's32'],
  'flac.ogg': ['-c:a', 'flac'],
  'flac.mka': ['-c:a', 'flac'],
  'vorbis.ogg': ['-c:a', 'libvorbis'],
  'vorbis.webm': ['-c:a', 'libvorbis'],
  'opus.ogg': ['-c:a', 'libopus'],
  'opus.webm': ['-c:a', 'libopus'],
  'opus.mka': ['-ac', '2', '-c:a', 'libopus'],
  'opus.mp4': ['-c:a', 'libopus', '-strict', '-2'],
};
/** If the container does not say how many samples of the last packet count, the result may be one packet too long. */
const looseS: Record<string, number> = { 'opus.webm': 0.02, 'opus.mka': 0.02, 'vorbis.webm': 0.07 };

describe.skipIf(!areInstalled('sox', 'ffmpeg'))('every codec', () => {
  const ready = areInstalled('sox', 'ffmpeg');
  const source = ready ? risingTone(directory) : '';
  const make = (name: string, options = encode[name]!) => {
    const path = join(directory, name);
    run('ffmpeg', '-v', 'error', '-y', '-i', source, ...options, path);
    return path;
  };

  test.each(Object.keys(encode))('%s', async (name) => {
    const path = make(name);
    const out = join(directory, `${name}.wav`);
    const written = await toWav(path, out);
    expect(Math.abs(written!.durationS - 2)).toBeLessThanOrEqual(looseS[name] ?? 0.0001);
    expect(await withByteSource(out, readWav)).toMatchObject({ rate: 16_000, channels: 1, plain: true });
    expect(likeness(samplesAt(out), samplesAt(source))).toBeGreaterThan(0.97);
  });

  test('FLAC comes out bit for bit', async () => {
    const out = join(directory, 'exact.wav');
    await toWav(make('v.flac'), out);
    expect(readFileSync(out).equals(readFileSync(source))).toBe(true);
  });

  test('a last FLAC frame of a few bytes is not lost', async () => {
    const padded = join(directory, 'padded.wav');
    run('sox', '-R', '-D', source, padded, 'pad', '0', '1.1');
    const path = join(directory, 'padded.flac');
    run('ffmpeg', '-v', 'error', '-y', '-i', padded, path);
    expect((await toWav(path, join(directory, 'o.wav')))!.frames).toBe(49_600);
  });

  test('AAC and Speex are not for us', async () => {
    for (const [name, options] of [
      ['v.m4a', ['-c:a', 'aac']],
      ['v.aac', ['-c:a', 'aac']],
      ['speex.ogg', ['-c:a', 'libspeex']],
    ] as const) {
      expect(await toWav(make(name, [...options]), join(directory, 'o.wav'))).toBeUndefined();
    }
  });

  const moved: [string, string[], 'mp4' | 'webm', string][] = [
    ['v.aac', ['-c:a', 'aac'], 'mp4', 'aac'],
    ['v.3gp', ['-c:a', 'aac'], 'mp4', 'aac'],
    ['v.mov', ['-c:a', 'aac'], 'mp4', 'aac'],
    ['opus.mka', ['-c:a', 'libopus'], 'webm', 'opus'],
    ['vorbis.mka', ['-c:a', 'libvorbis'], 'webm', 'vorbis'],
  ];
  test.each(moved)('%s is moved packet by packet: %p to %p', async (name, options, target, codec) => {
    const path = make(name, options);
    const out = join(directory, `moved.${target}`);
    expect(
      await copyPackets(
        await recognise(path, { directory, signal: neverAborted }),
        target,
        out,
        neverAborted,
      ),
    ).toBe(true);
    const probe = ['-v', 'error', '-show_entries', 'stream=codec_name:format=format_name', '-of', 'csv=p=0'];
    const said = Buffer.from(run('ffprobe', ...probe, out)).toString();
    expect(said).toContain(codec);
    expect(said).toContain(target);
    const samples = (file: string) =>
      run('ffmpeg', '-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-');
    const planes = [path, out].map((file) => planesOf(samples(file), 's16le', 1)[0]!);
    expect(likeness(planes[0]!, planes[1]!)).toBeGreaterThan(0.99);
  });

  test('what does not belong in a container is not put there', async () => {
    const path = make('flac.mka');
    const out = join(directory, 'not.webm');
    expect(
      await copyPackets(
        await recognise(path, { directory, signal: neverAborted }),
        'webm',
        out,
        neverAborted,
      ),
    ).toBe(false);
    expect(existsSync(out)).toBe(false);
  });

  test('an abort ends decoding and moving with its reason', async () => {
    const aborted = AbortSignal.abort(new Failure('cancelled', 'The client left.'));
    const [webm, aac] = [make('opus.webm'), make('v.aac', ['-c:a', 'aac'])];
    const out = join(directory, 'aborted');
    for (const name of ['v.mp3', 'v.flac', 'vorbis.ogg', 'opus.webm']) {
      const recording = await recognise(join(directory, name), { directory, signal: neverAborted });
      const work = async () =>
        writeWav((await decode(recording, { signal: aborted }))!, out, speech, aborted);
      expect(await work().catch((thrown) => thrown.message)).toBe('The client left.');
    }
    const adts = await recognise(aac, { directory, signal: neverAborted });
    expect(await copyPackets(adts, 'mp4', out, aborted).catch((thrown) => thrown.message)).toBe(
      'The client left.',
    );
    expect([existsSync(out), existsSync(webm)]).toEqual([false, true]);
  });

  test('other tasks run while a long recording is decoded', async () => {
    const long = join(directory, 'long.mp3');
    run(
      'ffmpeg',
      '-v',
      'error',
      '-y',
      '-stream_loop',
      '60',
      '-i',
      source,
      '-c:a',
      'libmp3lame',
      '-b:a',
      '32k',
      long,
    );
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await toWav(long, join(directory, 'long.wav'));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  test('a file cut off in the middle gives what is there', async () => {
    for (const name of ['v.mp3', 'v.flac', 'vorbis.ogg', 'opus.ogg', 'opus.webm']) {
      const long = join(directory, `long-${name}`);
      run('ffmpeg', '-v', 'error', '-y', '-stream_loop', '5', '-i', source, ...encode[name]!, long);
      const whole = readFileSync(long);
      const path = fileOf(directory, `cut-${name}`, whole.subarray(0, Math.floor(whole.length * 0.7)));
      const written = await toWav(path, join(directory, 'cut.wav'));
      expect(written!.durationS).toBeGreaterThan(2); // pages of Ogg can be seconds long
      expect(written!.durationS).toBeLessThan(11);
    }
  });
});

test.each(['fLaC', 'OggS', '\xff\xfb\x90\x00', '\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm', '\0\0\0\x1cftypisom'])(
  'nothing behind %p is a refusal, not a bug',
  async (head) => {
    const path = join(directory, 'noise');
    const noise = Uint8Array.from({ length: 20_000 }, (_, at) => (at * 7919 * (at + 13)) & 255);
    writeFileSync(path, Buffer.concat([Buffer.from(head, 'latin1'), noise]));
    const outcome = await toWav(path, join(directory, 'noise.wav')).catch((thrown) => thrown);
    expect(outcome === undefined || outcome.code === 'unsupported_audio' || outcome.frames > 0).toBe(true);
  },
);
