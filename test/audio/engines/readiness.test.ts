// Which engines are ready, what the others need, and which models they list.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngines, engineKinds } from '../../../src/audio/engines/create.ts';
import { installHint } from '../../../src/audio/engines/install.ts';
import type { EngineKind, EngineSettings } from '../../../src/audio/engines/settings.ts';
import { context, engineWith, failureOf, jobFor, shell, temporaryDirectory } from './support.ts';

function modelsDir(): string {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'ggml-base.en.bin'), 'lmgg');
  writeFileSync(join(dir, 'ggml-bad.bin'), 'GGUF');
  mkdirSync(join(dir, 'my-whisper'));
  writeFileSync(join(dir, 'my-whisper', 'model.bin'), 'x');
  for (const name of [
    ...['models--Systran--faster-whisper-small', 'models--mlx-community--whisper-tiny', 'models--gpt2--x'],
    ...['models--mlx-community--parakeet-tdt-0.6b-v3', 'models--kyutai--stt-2.6b-en-mlx'],
    'models--mobiuslabsgmbh--faster-whisper-large-v3-turbo',
  ]) {
    mkdirSync(join(dir, name, 'snapshots', 'abc'), { recursive: true });
  }
  mkdirSync(join(dir, 'models--mlx-community--whisper-broken-off', 'blobs'), { recursive: true });
  return dir;
}

function bin(...names: string[]): string {
  const dir = temporaryDirectory();
  for (const name of names) shell(dir, name, 'exit 0');
  return dir;
}

describe('programs', () => {
  const dir = modelsDir();
  const rows: [kind: EngineKind, programs: string[], models: string[]][] = [
    ['whisper-cpp', ['whisper-cli'], ['base.en']],
    ['faster-whisper', ['whisper-ctranslate2'], ['large-v3-turbo', 'my-whisper', 'small']],
    ['mlx-whisper', ['mlx_whisper', 'ffmpeg'], ['mlx-community/whisper-tiny']],
    ['parakeet-mlx', ['parakeet-mlx', 'ffmpeg'], ['mlx-community/parakeet-tdt-0.6b-v3']],
    ['kyutai-mlx', ['python3'], ['kyutai/stt-2.6b-en-mlx']],
    ['lightning-whisper-mlx', ['python3', 'ffmpeg'], ['lightning-whisper-tiny']],
    ['pocketsphinx', ['pocketsphinx'], ['en-us']],
    ['whisper', ['whisper', 'ffmpeg'], []],
  ];

  test.each(rows)('%s is ready with %p and lists concrete models', async (kind, programs, models) => {
    const given = { platform: 'darwin', bin: bin(...programs), options: { modelDirs: [dir] } };
    const engine = engineWith({ id: kind, kind }, given);
    expect(await engine.probe()).toMatchObject({ ready: true });
    expect(await engine.available()).toEqual(models);
  });

  test.each(rows)('%s without any of its programs says what to install', async (kind) => {
    const engine = engineWith({ id: kind, kind }, { platform: 'darwin', bin: temporaryDirectory() });
    expect(await engine.probe()).toEqual({
      ready: false,
      why: expect.stringContaining('is not on PATH'),
      fix: installHint(kind, 'darwin'),
    });
    expect(await engine.available()).toEqual([]);
  });

  const forMacs: EngineKind[] = ['mlx-whisper', 'parakeet-mlx', 'lightning-whisper-mlx', 'kyutai-mlx'];
  test.each(forMacs)(
    '%s is not available on Linux: Python is not run, and nothing is to be installed',
    async (kind) => {
      const dir = temporaryDirectory();
      for (const name of ['python3', 'ffmpeg']) shell(dir, name, `touch '${dir}/was-run'`);
      const engine = engineWith({ id: kind, kind }, { bin: dir });
      expect(await engine.probe()).toEqual({
        ...{ ready: false, why: 'it runs only on Macs with Apple silicon', fix: '' },
      });
      expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
        ...{ code: 'engine_unavailable', advice: 'Choose another engine.' },
      });
      expect(existsSync(join(dir, 'was-run'))).toBe(false);
    },
  );

  test('a program of theirs that is there, or named in the settings, is asked on any machine', async () => {
    const dir = bin('mlx_whisper', 'ffmpeg', 'python-of-mine');
    const ready = (settings: EngineSettings) => engineWith(settings, { bin: dir }).probe();
    expect(await ready({ id: 'mlx-whisper', kind: 'mlx-whisper' })).toMatchObject({ ready: true });
    const command = { command: 'python-of-mine' };
    expect(await ready({ id: 'kyutai-mlx', kind: 'kyutai-mlx', ...command })).toMatchObject({ ready: true });
  });

  test('one that calls ffmpeg wants it', async () => {
    const engine = engineWith({ id: 'whisper', kind: 'whisper' }, { bin: bin('whisper') });
    expect(await engine.probe()).toEqual({
      ready: false,
      why: 'it needs ffmpeg, which is not on PATH',
      fix: 'apt install ffmpeg',
    });
  });

  test('whisper.cpp without a model reports where it looked', async () => {
    const empty = temporaryDirectory();
    const given = { bin: bin('whisper-cli'), options: { modelDirs: [empty] } };
    const why = async (settings: object) =>
      engineWith({ id: 'whisper-cpp', kind: 'whisper-cpp', ...settings }, given).probe();
    expect(await why({})).toMatchObject({ ready: false, why: `it has no model file: none in ${empty}` });
    expect(await why({ model: 'tiny' })).toMatchObject({
      why: `the model tiny was not found: none in ${empty}`,
    });
    expect(await why({ modelDirs: [] })).toMatchObject({
      why: 'it has no model file: `transcription.model_dirs` is empty',
    });
    expect(await why({ model: 'base.en', modelDirs: [dir] })).toMatchObject({ ready: true });
  });

  test('sherpa-onnx needs its files named', async () => {
    const engine = (args?: string[]) =>
      engineWith(
        { id: 'sherpa-onnx', kind: 'sherpa-onnx', ...(args && { args }) },
        { bin: bin('sherpa-onnx-offline') },
      );
    expect(await engine().probe()).toMatchObject({ ready: false, why: 'its model is not configured' });
    expect(await engine(['--paraformer=/m']).probe()).toMatchObject({ ready: true });
  });

  test('one that is installed but broken is told by its own words', async () => {
    const dir = temporaryDirectory();
    shell(dir, 'whisper-ctranslate2', 'echo "x: error while loading shared libraries: y" >&2; exit 127');
    expect(
      await engineWith({ id: 'faster-whisper', kind: 'faster-whisper' }, { bin: dir }).probe(),
    ).toMatchObject({
      ready: false,
      why: 'it does not start: x: error while loading shared libraries: y',
    });
  });

  test('a template is not run to see whether its program is there', async () => {
    const dir = temporaryDirectory();
    shell(dir, 'my-asr', `touch '${dir}/was-run'`);
    const settings = {
      id: 'mine',
      kind: 'command',
      argv: ['my-asr', '{wav16}'],
      output: { kind: 'text', from: 'stdout' },
    } as const;
    expect(await engineWith(settings, { bin: dir }).probe()).toMatchObject({ ready: true });
    expect(await Bun.file(join(dir, 'was-run')).exists()).toBe(false);
    expect(await engineWith(settings, { bin: temporaryDirectory() }).probe()).toMatchObject({
      ready: false,
      why: 'my-asr is not on PATH',
    });
  });

  test('a probe is believed for a minute', async () => {
    let now = 0;
    const programs = bin('pocketsphinx');
    const engine = engineWith(
      { id: 'pocketsphinx', kind: 'pocketsphinx' },
      { bin: programs, nowMs: () => now },
    );
    expect((await engine.probe()).ready).toBe(true);
    rmSync(join(programs, 'pocketsphinx'));
    expect((await engine.probe()).ready).toBe(true);
    now = 61_000;
    expect((await engine.probe()).ready).toBe(false);
  });
});

describe('the list of engines', () => {
  const all = (settings: Parameters<typeof createEngines>[0]) =>
    createEngines(
      settings,
      { workers: 2, engineTimeoutSeconds: 0, modelDirs: [] },
      context({ bin: temporaryDirectory() }),
    );

  test('without any table all are there, and each tells how to get it', async () => {
    const engines = all([]);
    expect(engines.map(({ id }) => id).sort()).toEqual(
      engineKinds.filter((kind) => kind !== 'command').sort(),
    );
    for (const engine of engines) {
      expect(engine.id).toMatch(/^[a-z0-9][a-z0-9-]+$/);
      expect(engine.install).not.toBe('');
      expect(engine.capabilities.streaming).toBe(false);
    }
  });

  test('tables come first and in their order; one with the id of an engine replaces it', () => {
    const engines = all([
      { id: 'groq', kind: 'openai', url: 'https://api.groq.com/openai/v1', model: 'whisper-large-v3' },
      { id: 'pocketsphinx', kind: 'pocketsphinx', concurrency: 7 },
      { id: 'second', kind: 'whisper-cpp', model: 'large-v3' },
    ]);
    expect(engines.slice(0, 3).map(({ id, models, concurrency }) => [id, models, concurrency])).toEqual([
      ['groq', ['whisper-large-v3'], 4],
      ['pocketsphinx', ['pocketsphinx', 'en-us'], 7],
      // The second engine of a kind accepts only its own names.
      ['second', ['large-v3'], 2],
    ]);
    expect(engines.filter(({ id }) => id === 'pocketsphinx')).toHaveLength(1);
    // Hosted servers accept 25 MiB.
    const { largestBytes, segmentS } = engines[0]!.accepts;
    expect(largestBytes).toBe(26_214_400);
    // The longest segment of 16 kHz samples fits.
    expect(segmentS! * 1.4 * 32_000).toBeLessThan(largestBytes!);
  });

  test('a server is asked for one thing at a time where it cannot do more', () => {
    expect(all([{ id: 'whisper-server', kind: 'whisper-server', concurrency: 8 }])[0]!.concurrency).toBe(1);
  });
});
