// Durations of recordings, and that probing never fails.
import { describe, expect, test } from 'bun:test';
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { mp3Duration } from '../../../src/audio/containers/mp3.ts';
import { durationOf } from '../../../src/audio/reading/duration.ts';
import { recognise } from '../../../src/audio/reading/recognise.ts';
import type { Container } from '../../../src/audio/recording.ts';
import {
  areInstalled,
  bytesOf,
  fileOf,
  neverAborted,
  risingTone,
  run,
  wav,
  workDirectory,
} from '../containers/support.ts';

const directory = workDirectory();
const ready = areInstalled('sox', 'ffmpeg');

describe.skipIf(!ready)('two seconds in', () => {
  const source = ready ? risingTone(directory) : '';
  /** The tolerance: encoders add samples at both ends, and some containers do not say how many. */
  const made: [name: string, options: string[], offS: number][] = [
    ['v.wav', [], 0],
    ['v.flac', [], 0],
    ['v.m4a', ['-c:a', 'aac'], 0],
    ['frag.mp4', ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'], 0.07],
    ['v.mov', ['-c:a', 'aac'], 0],
    ['v.3gp', ['-c:a', 'aac'], 0],
    ['v.aac', ['-c:a', 'aac'], 0.13],
    ['xing.mp3', ['-c:a', 'libmp3lame'], 0],
    ['bare.mp3', ['-c:a', 'libmp3lame', '-q:a', '5', '-write_xing', '0', '-id3v2_version', '0'], 0.15],
    ['opus.ogg', ['-c:a', 'libopus'], 0],
    ['vorbis.ogg', ['-c:a', 'libvorbis'], 0],
    ['flac.ogg', ['-c:a', 'flac'], 0],
    ['speex.ogg', ['-c:a', 'libspeex'], 0.05],
    ['v.webm', ['-c:a', 'libopus'], 0.03],
    ['live.webm', ['-c:a', 'libopus', '-f', 'webm', '-live', '1'], 0.03],
    ['v.mka', ['-c:a', 'libvorbis'], 0.05],
  ];
  test.each(made)('%s', async (name, options, offS) => {
    const path = join(directory, name);
    run('ffmpeg', '-v', 'error', '-y', '-i', source, ...options, path);
    const durationS = await durationOf(
      await recognise(path, { directory, signal: neverAborted }),
      neverAborted,
    );
    expect(Math.abs(durationS! - 2)).toBeLessThanOrEqual(offS + 1e-6);
  });

  const piped: [string, string[]][] = [
    ['wav', []],
    ['webm', ['-c:a', 'libopus']],
  ];
  test('a WebM that is cut off inside its only cluster does not say 0', async () => {
    const path = join(directory, 'cut.webm');
    run('ffmpeg', '-v', 'error', '-y', '-i', source, '-c:a', 'libopus', path);
    truncateSync(path, statSync(path).size * 0.8);
    expect(
      await durationOf(await recognise(path, { directory, signal: neverAborted }), neverAborted),
    ).toBeUndefined();
  });

  test('a piped FLAC does not say; the pipeline decodes it', async () => {
    const path = fileOf(
      directory,
      'piped.flac',
      run('ffmpeg', '-v', 'error', '-i', source, '-f', 'flac', '-'),
    );
    expect(
      await durationOf(await recognise(path, { directory, signal: neverAborted }), neverAborted),
    ).toBeUndefined();
  });

  test.each(piped)('%s that was piped', async (format, options) => {
    const content = run('ffmpeg', '-v', 'error', '-i', source, ...options, '-f', format, '-');
    const path = fileOf(directory, `piped.${format}`, content);
    const durationS = await durationOf(
      await recognise(path, { directory, signal: neverAborted }),
      neverAborted,
    );
    expect(Math.abs(durationS! - 2)).toBeLessThan(0.03);
  });

  test.each(['aiff', 'caf', 'au'])('%s', async (extension) => {
    const path = join(directory, `v.${extension}`);
    run('sox', source, path);
    expect(await durationOf(await recognise(path, { directory, signal: neverAborted }), neverAborted)).toBe(
      2,
    );
  });

  test('AMR, the silent frames too', async () => {
    const path = join(directory, 'v.amr');
    const made = Bun.spawnSync(['sox', source, '-r', '8000', '-t', 'amr-nb', path]);
    if (made.exitCode !== 0) return console.warn('skipped: this sox writes no AMR');
    expect(
      await durationOf(await recognise(path, { directory, signal: neverAborted }), neverAborted),
    ).toBeCloseTo(2, 5);
  });
});

test('raw samples as declared', async () => {
  const path = fileOf(directory, 'raw', new Uint8Array(32_000));
  const recording = { path, container: 'raw' as const, bytes: 32_000 };
  expect(await durationOf(recording, neverAborted, { encoding: 's16le', rate: 8000, channels: 2 })).toBe(1);
  expect(await durationOf(recording, neverAborted)).toBeUndefined();
});

describe('what cannot be told is undefined', () => {
  const containers: Container[] = ['mp3', 'mp4', 'flac', 'ogg', 'webm', 'adts', 'caf', 'silk', 'asf', 'adif'];
  test.each(containers)('noise called %s', async (container) => {
    const path = fileOf(
      directory,
      'noise',
      Uint8Array.from({ length: 4000 }, (_, at) => (at * 31) & 127),
    );
    expect(await durationOf({ path, container, bytes: 4000 }, neverAborted)).toBeUndefined();
  });

  test('a file that is gone, a probe that was aborted', async () => {
    expect(await durationOf({ path: '/nowhere', container: 'wav', bytes: 0 }, neverAborted)).toBeUndefined();
    const path = fileOf(directory, 'v.amr', '#!AMR\n\x3c');
    expect(await durationOf({ path, container: 'amr', bytes: 7 }, AbortSignal.abort())).toBeUndefined();
  });
});

test('header only is zero seconds', async () => {
  const path = fileOf(directory, 'empty.wav', wav([]));
  expect(await durationOf({ path, container: 'wav', bytes: 44 }, neverAborted)).toBe(0);
});

describe('MP3 frame by frame', () => {
  /** MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes, and MPEG-2 at 16 kHz, 64 kbit/s: 288. */
  const frame = (head: number[], length: number) => [
    ...head,
    ...new Array<number>(length - head.length).fill(0),
  ];
  const fast = frame([0xff, 0xfb, 0x90, 0xc4], 417);
  const slow = frame([0xff, 0xf3, 0x88, 0xc4], 288);
  const rows: [string, number[], number | undefined][] = [
    ['frames', [...fast, ...fast, ...fast], (3 * 1152) / 44_100],
    ['frames of MPEG-2', [...slow, ...slow], (2 * 576) / 16_000],
    ['junk between frames', [...fast, 1, 2, 3, ...fast], (2 * 1152) / 44_100],
    ['more than a chunk', Array.from({ length: 1500 }, () => fast).flat(), (1500 * 1152) / 44_100],
    ['nothing', [1, 2, 3, 4, 5], undefined],
  ];
  test.each(rows)('%s', async (_, content, durationS) => {
    const measured = await mp3Duration(bytesOf(Uint8Array.from(content)), 0, neverAborted);
    if (durationS === undefined) expect(measured).toBeUndefined();
    else expect(measured).toBeCloseTo(durationS, 9);
  });
});
