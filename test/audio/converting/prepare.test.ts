// How each container is converted for an engine that accepts nearly anything (ChatGPT), and for one that accepts only 16 kHz WAV
// (docs/wire/audio.md#refused-containers).
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withByteSource } from '../../../src/audio/containers/byte-source.ts';
import { readWav } from '../../../src/audio/containers/wav.ts';
import type { Tools } from '../../../src/audio/converting/conversions.ts';
import { prepare, toPcmWav, tryPcmWav } from '../../../src/audio/converting/prepare.ts';
import type { AcceptedInput } from '../../../src/audio/engines/engine.ts';
import { recognise } from '../../../src/audio/reading/recognise.ts';
import { Failure } from '../../../src/failure.ts';
import { silentLog } from '../../../src/log.ts';
import {
  areInstalled,
  ascii,
  ffmpegAt,
  fileOf,
  neverAborted,
  risingTone,
  run,
  wav,
  workDirectory,
} from '../containers/support.ts';

const directory = workDirectory();
const ready = areInstalled('sox', 'ffmpeg');
const chatgpt: AcceptedInput = {
  containers: new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']),
  largestBytes: 25_000_000,
};
const local: AcceptedInput = { containers: new Set(['wav']), wavRate: 16_000 };
const whisper: AcceptedInput = { containers: new Set(['wav', 'mp3', 'flac', 'ogg']), wavRate: 16_000 };

let jobs = 0;
function toolsFor(more: Partial<Tools> = {}): Tools {
  const own = join(directory, `job-${jobs++}`);
  mkdirSync(own);
  const silk: Tools['silk'] = async (_, out, rate) => {
    await Bun.write(out, wav(new Array(rate / 5).fill(0), { rate }));
    return { durationS: 0.1, truncated: true };
  };
  return {
    directory: own,
    ffmpeg: undefined,
    silk,
    silkRate: 24_000,
    signal: neverAborted,
    log: silentLog,
    ...more,
  };
}

const recognised = (path: string) => recognise(path, { directory, signal: neverAborted });

describe.skipIf(!ready)('real files', () => {
  const source = ready ? risingTone(directory) : '';
  const make = (name: string, ...options: string[]) => {
    const path = join(directory, name);
    run('ffmpeg', '-v', 'error', '-y', '-i', source, ...options, path);
    return path;
  };
  const sox = (name: string, ...options: string[]) => {
    const path = join(directory, name);
    run('sox', '-D', source, ...options, path);
    return path;
  };
  const aac = ['-c:a', 'aac'];
  /** The result for each without ffmpeg: `same`, a container, or `refused`. */
  const rows: [name: string, make: (name: string) => string, chatgpt: string, local: string][] = [
    ['v.wav', (name) => sox(name), 'same', 'same'],
    ['stereo.wav', (name) => sox(name, '-c', '2', '-r', '48000'), 'same', 'wav'],
    ['float.wav', (name) => sox(name, '-e', 'float', '-b', '32'), 'wav', 'wav'],
    ['deep.wav', (name) => sox(name, '-b', '24'), 'wav', 'wav'],
    ['adpcm.wav', (name) => sox(name, '-e', 'ima-adpcm'), 'wav', 'wav'],
    ['v.aiff', (name) => sox(name), 'wav', 'wav'],
    ['v.caf', (name) => sox(name), 'wav', 'wav'],
    ['v.au', (name) => sox(name), 'wav', 'wav'],
    ['v.mp3', (name) => make(name), 'same', 'wav'],
    ['v.flac', (name) => make(name), 'same', 'wav'],
    ['opus.ogg', (name) => make(name, '-c:a', 'libopus'), 'same', 'wav'],
    ['vorbis.ogg', (name) => make(name, '-c:a', 'libvorbis'), 'same', 'wav'],
    ['v.webm', (name) => make(name, '-c:a', 'libopus'), 'same', 'wav'],
    ['opus.mka', (name) => make(name, '-c:a', 'libopus'), 'webm', 'wav'],
    ['flac.mka', (name) => make(name, '-c:a', 'flac'), 'wav', 'wav'],
    ['v.m4a', (name) => make(name, ...aac), 'same', 'refused'],
    ['v.aac', (name) => make(name, ...aac), 'mp4', 'refused'],
    ['v.3gp', (name) => make(name, ...aac), 'mp4', 'refused'],
    ['v.mov', (name) => make(name, ...aac), 'mp4', 'refused'],
    ['v.wma', (name) => make(name), 'refused', 'refused'],
  ];
  for (const [name, made, byChatgpt, byLocal] of rows) {
    for (const [who, accepts, wanted] of [
      ['ChatGPT', chatgpt, byChatgpt],
      ['a local engine', local, byLocal],
    ] as const) {
      test(`${name} for ${who}: ${wanted}`, async () => {
        const recording = await recognised(made(name));
        const reported: string[] = [];
        const tools = toolsFor({ onConvert: (to) => reported.push(to) });
        const before = readFileSync(recording.path);
        const outcome = await prepare(recording, accepts, tools).catch((thrown) => thrown);
        expect(readFileSync(recording.path).equals(before)).toBe(true);
        if (wanted === 'refused') {
          expect(outcome).toBeInstanceOf(Failure);
          expect(outcome).toMatchObject({
            kind: 'invalid_request',
            code: 'unsupported_audio',
            param: 'file',
          });
          expect(outcome.advice).toContain('ffmpeg');
          return;
        }
        if (wanted === 'same') {
          expect(outcome).toBe(recording);
          expect(reported).toEqual([]);
          return;
        }
        expect(reported.length).toBeGreaterThan(0);
        expect(outcome.container).toBe(wanted);
        expect(outcome.path.startsWith(tools.directory)).toBe(true);
        expect(outcome.bytes).toBe(statSync(outcome.path).size);
        expect<string>((await recognised(outcome.path)).container).toBe(wanted);
        if (wanted !== 'wav') return;
        const layout = await withByteSource(outcome.path, readWav);
        expect(layout.plain).toBe(true);
        if (accepts === local) expect(layout).toMatchObject({ rate: 16_000, channels: 1 });
        expect(Math.abs(layout.frames / layout.rate - 2)).toBeLessThan(0.05);
      });
    }
  }

  test('what an engine reads beside WAV is not decoded for it', async () => {
    const recording = await recognised(make('v.mp3'));
    expect(await prepare(recording, whisper, toolsFor())).toBe(recording);
  });

  const withFfmpeg: [string, (name: string) => string, AcceptedInput, string][] = [
    ['v.m4a', (name) => make(name, ...aac), local, 'wav'],
    ['v.wma', (name) => make(name), local, 'wav'],
    ['v.wma', (name) => make(name), chatgpt, 'flac'],
  ];
  test.each(withFfmpeg)('%s with ffmpeg', async (name, made, accepts, wanted) => {
    const tools = toolsFor({ ffmpeg: ffmpegAt() });
    const result = await prepare(await recognised(made(name)), accepts, tools);
    expect(result.container).toBe(wanted as never);
  });

  test('a WAV larger than the engine takes is made smaller', async () => {
    const recording = await recognised(sox('big.wav', '-c', '2', '-r', '48000'));
    const result = await prepare(recording, { ...chatgpt, largestBytes: 100_000 }, toolsFor());
    expect(await withByteSource(result.path, readWav)).toMatchObject({ rate: 16_000, channels: 1 });
  });

  test('16-bit samples are re-wrapped without a loss', async () => {
    const result = await prepare(await recognised(sox('v.aiff')), chatgpt, toolsFor());
    expect(readFileSync(result.path).equals(readFileSync(source))).toBe(true);
  });

  test('toPcmWav: the same, made, or impossible', async () => {
    const own = await recognised(source);
    expect(await toPcmWav(own, 16_000, toolsFor())).toBe(own);
    const opus = await recognised(make('opus.ogg', '-c:a', 'libopus'));
    expect(await toPcmWav(opus, 16_000, toolsFor())).toMatchObject({ container: 'wav', durationS: 2 });
    const m4a = await recognised(make('v.m4a', ...aac));
    expect(await toPcmWav(m4a, 16_000, toolsFor())).toBeUndefined();
    expect(await toPcmWav(m4a, 16_000, toolsFor({ ffmpeg: ffmpegAt() }))).toMatchObject({
      container: 'wav',
    });
  });

  test('one conversion does not write over another', async () => {
    const tools = toolsFor();
    const first = await toPcmWav(await recognised(sox('v.aiff')), 24_000, tools);
    const second = await prepare(first!, local, tools);
    expect(second.path).not.toBe(first!.path);
    expect(await withByteSource(first!.path, readWav)).toMatchObject({ rate: 24_000, frames: 48_000 });
    expect(await withByteSource(second.path, readWav)).toMatchObject({ rate: 16_000, frames: 32_000 });
  });

  test('a truncated recording is used up to there, with a warning', async () => {
    const long = join(directory, 'long.opus');
    run('ffmpeg', '-v', 'error', '-y', '-stream_loop', '3', '-i', source, '-c:a', 'libopus', long);
    const path = fileOf(directory, 'cut.opus', readFileSync(long).subarray(0, -2000));
    const warnings: string[] = [];
    const tools = toolsFor({ onWarning: (warning) => warnings.push(warning) });
    const result = await prepare(await recognised(path), local, tools);
    expect(result.durationS).toBeGreaterThan(3);
    expect(result.durationS).toBeLessThan(8);
    expect(warnings).toEqual([expect.stringContaining('truncated')]);
  });
});

describe('SILK', () => {
  const silk = fileOf(directory, 'v.silk', Uint8Array.from(ascii('#!SILK_V3\xff\xff')));

  test('is decoded at the rate of the engine, else at the configured one', async () => {
    const warnings: string[] = [];
    const tools = toolsFor({ onWarning: (warning) => warnings.push(warning) });
    const forLocal = await prepare(await recognised(silk), local, tools);
    expect(await withByteSource(forLocal.path, readWav)).toMatchObject({ rate: 16_000 });
    expect(forLocal).toMatchObject({ container: 'wav', durationS: 0.1 });
    expect(warnings).toEqual(['The SILK recording is truncated in its last packet.']);
    const forChatgpt = await prepare(await recognised(silk), chatgpt, toolsFor());
    expect(await withByteSource(forChatgpt.path, readWav)).toMatchObject({ rate: 24_000 });
  });

  test('stays when it is to stay', async () => {
    const recording = await recognised(silk);
    expect(await prepare(recording, chatgpt, toolsFor({ keepSilk: true }))).toBe(recording);
  });

  test('its own failure is handed on', async () => {
    const failing = async () => {
      throw new Failure('invalid_request', 'No packet.', { code: 'silk_broken' });
    };
    expect(prepare(await recognised(silk), local, toolsFor({ silk: failing }))).rejects.toThrow('No packet.');
  });
});

test('raw samples become what was declared', async () => {
  const path = fileOf(directory, 'raw', new Uint8Array(3200));
  const raw = { encoding: 's16be', rate: 8000, channels: 1 } as const;
  const recording = await recognise(path, { directory, raw, signal: neverAborted });
  const result = await prepare(recording, chatgpt, toolsFor({ raw }));
  expect(await withByteSource(result.path, readWav)).toMatchObject({ rate: 8000, frames: 1600, plain: true });
});

test('unsupported samples are refused by name, with advice', async () => {
  const path = fileOf(directory, 'ms.wav', wav([0, 0], { tag: 2, bits: 4, block: 256 }));
  const failure = await prepare(await recognised(path), chatgpt, toolsFor()).catch((thrown) => thrown);
  expect(failure.message).toBe(
    'The WAV file contains unsupported audio: Microsoft ADPCM. Converting it requires ffmpeg, which was not found.',
  );
  expect(failure.advice).toContain('afconvert');
});

test('what is damaged is called damaged', async () => {
  const path = fileOf(directory, 'bad.ogg', `OggS${'\0'.repeat(24)}OpusHead${'x'.repeat(3000)}`);
  const failure = await prepare(await recognised(path), local, toolsFor()).catch((thrown) => thrown);
  expect(failure).toMatchObject({ kind: 'invalid_request', code: 'unsupported_audio', param: 'file' });
  expect(failure.message).toContain('damaged');
});

test('an ffmpeg that cannot be run costs nothing where samples are only looked at', async () => {
  const path = fileOf(directory, 'v.flv', 'FLV\x01\x04\0\0\0\x09');
  const tools = toolsFor({ ffmpeg: ffmpegAt('/nowhere/ffmpeg') });
  const recording = await recognised(path);
  expect(await tryPcmWav(recording, 16_000, tools)).toBeUndefined();
  expect(toPcmWav(recording, 16_000, tools)).rejects.toMatchObject({ code: 'ffmpeg_unavailable' });
});

test('AMR is refused by name', async () => {
  const path = fileOf(directory, 'v.amr', '#!AMR\n\x3c');
  const failure = await prepare(await recognised(path), chatgpt, toolsFor()).catch((thrown) => thrown);
  expect(failure.message).toContain('AMR');
});

test('an abort is handed on as what it is', async () => {
  const path = fileOf(directory, 'v.aiff.wav', wav(new Array(3200).fill(0), { rate: 8000 }));
  const signal = AbortSignal.abort(new Failure('cancelled', 'The client left.'));
  expect(prepare(await recognised(path), local, toolsFor({ signal }))).rejects.toThrow('The client left.');
});
