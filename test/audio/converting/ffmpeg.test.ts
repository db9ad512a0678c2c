// Conversion with ffmpeg: the demuxer is forced, success is judged by the output, an abort leaves nothing behind
// (docs/wire/audio.md#ffmpeg).
import { describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withByteSource } from '../../../src/audio/containers/byte-source.ts';
import { readWav } from '../../../src/audio/containers/wav.ts';
import {
  convertWithFfmpeg,
  type Ffmpeg,
  type FfmpegJob,
  ffmpegArguments,
} from '../../../src/audio/converting/ffmpeg.ts';
import { recognise } from '../../../src/audio/reading/recognise.ts';
import type { Container } from '../../../src/audio/recording.ts';
import { Failure } from '../../../src/failure.ts';
import { until } from '../../support/until.ts';
import {
  areInstalled,
  ffmpegAt,
  fileOf,
  neverAborted,
  risingTone,
  run,
  workDirectory,
} from '../containers/support.ts';

const directory = workDirectory();

function jobFor(path: string, container: Container, more: Partial<FfmpegJob> = {}): FfmpegJob {
  const recording = { path, container, bytes: 1 };
  return {
    ffmpeg: ffmpegAt(),
    recording,
    to: 'wav',
    rate: 16_000,
    out: join(directory, 'out.wav'),
    signal: neverAborted,
    ...more,
  };
}

test('the demuxer is forced before the input, and only files may be opened', () => {
  const args = ffmpegArguments(jobFor('/r/voice', 'mp4'))!;
  const input = args.indexOf('-i');
  expect(args.slice(input - 2, input + 2)).toEqual(['-f', 'mov', '-i', 'file:/r/voice']);
  expect(args.slice(0, input)).toContain('-nostdin');
  expect(args.slice(args.indexOf('-protocol_whitelist')).slice(0, 2)).toEqual([
    '-protocol_whitelist',
    'file,pipe',
  ]);
  expect(args.indexOf('-protocol_whitelist')).toBeLessThan(input);
});

// The demuxers that codexd uses: wav|mp3|flac|ogg|matroska|mov|aac|amr|aiff|caf|au|asf
const forced: [demuxer: string, containers: Container[]][] = [
  ['wav', ['wav']],
  ['mp3', ['mp3']],
  ['flac', ['flac']],
  ['ogg', ['ogg']],
  ['matroska', ['matroska', 'webm']],
  ['mov', ['mp4', 'mov', '3gp']],
  ['aac', ['adts', 'adif']],
  ['amr', ['amr', 'amr-wb']],
  ['aiff', ['aiff']],
  ['caf', ['caf']],
  ['au', ['au']],
  ['asf', ['asf']],
];
test.each(forced)('%s is forced on %p', (demuxer, containers) => {
  for (const container of containers) {
    const args = ffmpegArguments(jobFor('/r/voice', container))!;
    expect([container, args[args.indexOf('-i') - 1]]).toEqual([container, demuxer]);
  }
});

test('hours of silence in a small file stop at the limit', () => {
  const args = ffmpegArguments(jobFor('/r/voice', 'ogg'))!;
  expect(args[args.indexOf('-t') + 1]).toBe(String(6 * 3600 + 1));
});

test.each(['silk', 'raw'] as const)('%s has no demuxer', (container) => {
  expect(ffmpegArguments(jobFor('/r/voice', container))).toBeUndefined();
});

/** A stand-in for ffmpeg; its last argument is the output. */
function standIn(name: string, script: string): Ffmpeg {
  const path = fileOf(directory, name, `#!/bin/sh\nfor out; do :; done\nout=\${out#file:}\n${script}\n`);
  chmodSync(path, 0o755);
  return ffmpegAt(path);
}

describe('a program that behaves badly', () => {
  const failing: [string, string][] = [
    ['writes nothing and exits 0', 'exit 0'],
    ['writes something else', 'echo hello > "$out"'],
    [
      'writes a header only',
      `printf 'RIFF\\044\\0\\0\\0WAVEfmt \\020\\0\\0\\0\\001\\0\\001\\0\\200>\\0\\0\\0}\\0\\0\\002\\0\\020\\0data\\0\\0\\0\\0' > "$out"`,
    ],
  ];
  test.each(failing)('%s: the recording is refused', async (name, script) => {
    const job = jobFor('/r/voice', 'amr', { ffmpeg: standIn(name.replaceAll(' ', '-'), script) });
    const failure = await convertWithFfmpeg(job).catch((thrown) => thrown);
    expect(failure).toMatchObject({ kind: 'invalid_request', code: 'unsupported_audio', param: 'file' });
    expect(existsSync(job.out)).toBe(false);
  });

  test('is not there', async () => {
    const failure = await convertWithFfmpeg(
      jobFor('/r/voice', 'amr', { ffmpeg: ffmpegAt('/nowhere/ffmpeg') }),
    ).catch((e) => e);
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'ffmpeg_unavailable' });
  });

  const pidOf = (name: string) => Number(readFileSync(join(directory, name), 'utf8'));
  const isAlive = (pid: number) => {
    try {
      // Killed children of a killed shell are zombies until init collects them, and do not count as alive.
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  test.skipIf(process.platform !== 'linux')(
    'an abort kills it with its children, and is told after that',
    async () => {
      const aborter = new AbortController();
      const script = `sleep 1000 & echo $! > "${directory}/child"; echo $$ > "${directory}/self"; touch "$out"; wait`;
      const job = jobFor('/r/voice', 'amr', { ffmpeg: standIn('endless', script), signal: aborter.signal });
      const converting = convertWithFfmpeg(job).catch((thrown) => thrown);
      await until(() => existsSync(job.out));
      aborter.abort(new Failure('cancelled', 'The client left.'));
      expect((await converting).message).toBe('The client left.');
      expect(isAlive(pidOf('self'))).toBe(false);
      await until(() => !isAlive(pidOf('child')));
      expect(existsSync(job.out)).toBe(false);
    },
  );

  test('one that does not end is ended', async () => {
    const job = jobFor('/r/voice', 'amr', { ffmpeg: standIn('stuck', 'exec sleep 1000'), limitMs: 50 });
    expect(await convertWithFfmpeg(job).catch((thrown) => thrown)).toMatchObject({ kind: 'timeout' });
  });
});

describe.skipIf(!areInstalled('sox', 'ffmpeg'))('with ffmpeg', () => {
  const source = areInstalled('sox', 'ffmpeg') ? risingTone(directory) : '';

  test.each(['m4a', 'aac', '3gp', 'wma'])('%s becomes WAV and FLAC', async (extension) => {
    const path = join(directory, `v.${extension}`);
    run('ffmpeg', '-v', 'error', '-y', '-i', source, ...(extension === 'wma' ? [] : ['-c:a', 'aac']), path);
    const { container } = await recognise(path, { directory, signal: neverAborted });
    const out = join(directory, 'converted');
    expect(await convertWithFfmpeg(jobFor(path, container, { out }))).toBe(true);
    const layout = await withByteSource(out, readWav);
    expect(layout).toMatchObject({ rate: 16_000, channels: 1, plain: true });
    expect(Math.abs(layout.frames / layout.rate - 2)).toBeLessThan(0.2);
    expect(await convertWithFfmpeg(jobFor(path, container, { out, to: 'flac' }))).toBe(true);
    expect((await recognise(out, { directory, signal: neverAborted })).container).toBe('flac');
  });

  test.each(['voice.wav', 'voice.m4a'])(
    'a playlist called %s is refused, and forced it opens nothing',
    async (name) => {
      const path = fileOf(
        directory,
        name,
        `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nfile://${source}\n#EXT-X-ENDLIST\n`,
      );
      expect(recognise(path, { directory, signal: neverAborted })).rejects.toThrow('a playlist');
      for (const container of ['wav', 'mp4', 'mp3', 'flac', 'ogg', 'adts'] as const) {
        const job = jobFor(path, container, { out: join(directory, 'leak.wav') });
        expect(await convertWithFfmpeg(job).catch((thrown) => thrown.code)).toBe('unsupported_audio');
        expect(existsSync(job.out)).toBe(false);
      }
    },
  );
});
