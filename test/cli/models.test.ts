import { describe, expect, test } from 'bun:test';
import { runCommand } from 'citty';
import type { Engine, Readiness } from '../../src/audio/engines/engine.ts';
import { modelsCommand } from '../../src/cli/models.ts';
import { silentLog } from '../../src/log.ts';
import { Catalog } from '../../src/models/catalog.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { type FakeOptions, fake } from './fake.ts';

const entries = [
  {
    slug: 'big',
    priority: 1,
    context_window: 272_000,
    max_context_window: 872_000,
    default_reasoning_level: 'low',
    supported_reasoning_levels: [{ effort: 'low' }, { effort: 'high' }],
    input_modalities: ['text', 'image'],
  },
  { slug: 'small', priority: 2, context_window: 100_000, supported_reasoning_levels: [{ effort: 'low' }] },
  { slug: 'hidden', priority: 3, visibility: 'hide' },
];

async function models(
  rawArgs: string[],
  options: FakeOptions = {},
  reachable = true,
  engines: readonly Engine[] = [],
) {
  const asked: unknown[] = [];
  const catalog = new Catalog({
    fetchCatalog: async (known) => {
      asked.push(known);
      if (!reachable) throw new Error('offline');
      return { etag: '1', models: entries };
    },
    cacheFile: undefined,
    identity: '',
    nowMs: () => 0,
    log: silentLog,
  });
  await catalog.models();
  const call = fake(options);
  await runCommand(
    modelsCommand(
      () => catalog,
      () => engines,
    ).citty,
    { rawArgs, data: call },
  );
  return { out: call.out(), err: call.err(), asked };
}

test('slug, context window, efforts and modalities of the listed models', async () => {
  const { out, err } = await models([]);
  expect(out).toBe(
    [
      'MODEL          CONTEXT  EFFORTS (* default)  INPUT',
      'big (default)  272k     low* high            text image',
      'small          100k     low                  text image',
      '',
    ].join('\n'),
  );
  expect(err).toBe('');
});

test('--json', async () => {
  const { out } = await models([], { json: true, env: { CODEXD_MODEL: 'small' } });
  expect(JSON.parse(out)).toEqual([
    expect.objectContaining({
      slug: 'big',
      default: false,
      max_context_window: 872_000,
      efforts: ['low', 'high'],
    }),
    expect.objectContaining({ slug: 'small', default: true, default_effort: null }),
  ]);
});

test('--refresh fetches the list again', async () => {
  expect((await models([])).asked).toHaveLength(1);
  expect((await models(['--refresh'])).asked).toHaveLength(2);
});

test('offline, the built-in list is labelled as such', async () => {
  const { out, err } = await models([], {}, false);
  expect(out).toContain('gpt-6.2-sol (default)');
  expect(err).toContain("these are codexd's built-in ones");
});

test('models.allowed limits the list', async () => {
  expect((await models([], { env: { CODEXD_MODELS_ALLOWED: 'sm*' } })).out).not.toContain('big');
});

describe('--engines', () => {
  const engine = (id: string, readiness: Readiness, more: Partial<Engine> = {}): Engine =>
    fakeEngine(id, {
      models: [`${id}-*`],
      install: `apt install ${id}`,
      probe: async () => readiness,
      available: async () => ['a', 'b'],
      ...more,
    });
  const all = {
    segments: true,
    words: true,
    prompt: true,
    languages: true,
    translate: true,
    streaming: true,
  };
  const none = {
    segments: false,
    words: false,
    prompt: false,
    languages: false,
    translate: false,
    streaming: false,
  };
  const missing: Readiness = { ready: false, why: 'There is no whisper-cli.', fix: 'Install whisper.cpp.' };
  const engines = [
    engine('chatgpt', { ready: true }, { available: async () => [], defaultModel: 'gpt-transcribe' }),
    engine('whisper-cpp', missing, { capabilities: all, available: () => Promise.reject(new Error('x')) }),
    engine('parrot', { ready: true, detail: '1.7' }, { capabilities: none }),
    engine('remote', { ready: true }, { available: () => Promise.reject(new Error('offline')) }),
  ];

  test('which are ready, what each can do, and what the others need', async () => {
    const { out, err, asked } = await models(['--engines'], {}, true, engines);
    expect(out).toBe(
      [
        'ENGINE             READY     FEATURES                                            MODELS',
        'chatgpt (default)  yes       prompt language                                     -',
        'whisper-cpp        no        segments words prompt language translate streaming  -',
        'parrot             yes, 1.7  -                                                   a b',
        'remote             yes       prompt language                                     -',
        '',
        'whisper-cpp: There is no whisper-cli.',
        '  Install whisper.cpp.',
        '',
      ].join('\n'),
    );
    expect({ err, asked: asked.length }).toEqual({ err: '', asked: 1 });
  });

  test('--json, and the default of the settings', async () => {
    const env = { CODEXD_TRANSCRIPTION_ENGINE: 'whisper-cpp' };
    const { out } = await models(['--engines'], { json: true, env }, true, engines.slice(0, 2));
    expect(JSON.parse(out)).toEqual([
      {
        id: 'chatgpt',
        default: false,
        ready: true,
        capabilities: { ...none, prompt: true, languages: true },
        models: [],
        default_model: 'gpt-transcribe',
        patterns: ['chatgpt-*'],
        install: 'apt install chatgpt',
      },
      expect.objectContaining({ id: 'whisper-cpp', default: true, ...missing, default_model: null }),
    ]);
  });

  test('a problem without a fix takes one line', async () => {
    const elsewhere = engine('mlx', { ready: false, why: 'it runs elsewhere only', fix: '' });
    const { out } = await models(['--engines'], {}, true, [elsewhere]);
    expect(out.split('\n').slice(-2)).toEqual(['mlx: it runs elsewhere only.', '']);
  });

  test('nothing follows the table if all are ready', async () => {
    const { out } = await models(['--engines'], {}, true, engines.slice(0, 1));
    expect(out.split('\n')).toHaveLength(3);
  });
});
