// Which engine and model a request selects.

import { describe, expect, test } from 'bun:test';
import type { Engine } from '../../src/audio/engines/engine.ts';
import { createRegistry, type RegistryOptions } from '../../src/audio/registry.ts';
import { Failure } from '../../src/failure.ts';
import { matchesGlob } from '../../src/models/glob.ts';
import { fakeEngine } from '../support/fake-engine.ts';

function engine(id: string, models: string[], defaultModel?: string): Engine {
  const { capabilities } = fakeEngine(id);
  const able = { ...capabilities, segments: true, words: true, translate: true };
  return fakeEngine(id, { models, capabilities: able, ...(defaultModel && { defaultModel }) });
}

const engines = [
  engine('chatgpt', ['chatgpt'], 'chatgpt'),
  engine('whisper-cpp', ['tiny*', 'base*']),
  engine('mlx-whisper', ['base.en', 'mlx-community/whisper-*'], 'mlx-community/whisper-large-v3-turbo'),
  engine('remote', ['gpt-4o-mini-transcribe', 'ns/model:*'], 'remote-model'),
];

function resolve(
  request: { engine?: string; model?: string },
  options: Partial<RegistryOptions> = {},
): string {
  const registry = createRegistry(engines, {
    default: 'chatgpt',
    aliases: {},
    allowed: [],
    matchesGlob,
    ...options,
  });
  try {
    const { engine, model } = registry.first(request);
    return `${engine.id} ${model}`;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return `${thrown.status} ${thrown.code} ${thrown.param}`;
  }
}

describe('the order in which a name is understood', () => {
  const aliases = {
    fast: 'whisper-cpp:tiny',
    'base.en': 'remote:x',
    'whisper-1': 'mlx-whisper',
    short: 'base.en-q5_1',
  };
  const rows: [
    name: string,
    request: { engine?: string; model?: string },
    options: Partial<RegistryOptions>,
    means: string,
  ][] = [
    ['nothing: the default', {}, {}, 'chatgpt chatgpt'],
    ['an empty name counts as absent', { model: ' ' }, {}, 'chatgpt chatgpt'],
    ['engine:model', { model: 'whisper-cpp:base.en' }, {}, 'whisper-cpp base.en'],
    ['engine: alone', { model: 'mlx-whisper:' }, {}, 'mlx-whisper mlx-community/whisper-large-v3-turbo'],
    ['only the first colon counts', { model: 'remote:a:b' }, {}, 'remote a:b'],
    ['a colon behind no engine belongs to the model', { model: 'ns/model:7b' }, {}, 'remote ns/model:7b'],
    ['and to one nobody knows', { model: 'other:base' }, {}, '404 model_not_found model'],
    ['an alias', { model: 'fast' }, { aliases }, 'whisper-cpp tiny'],
    ['an alias that is a model', { model: 'short' }, { aliases }, 'whisper-cpp base.en-q5_1'],
    ['an alias beats a pattern', { model: 'base.en' }, { aliases }, 'remote x'],
    ['a name of Object is no alias', { model: 'constructor' }, { aliases }, '404 model_not_found model'],
    [
      'an alias is followed once',
      { model: 'short' },
      { aliases: { short: 'fast', fast: 'base' } },
      '404 model_not_found model',
    ],
    ['the first engine whose pattern fits', { model: 'base.en' }, {}, 'whisper-cpp base.en'],
    [
      'another pattern',
      { model: 'mlx-community/whisper-tiny' },
      {},
      'mlx-whisper mlx-community/whisper-tiny',
    ],
    ["OpenAI's names", { model: 'whisper-1' }, {}, 'chatgpt chatgpt'],
    ['in all spellings', { model: 'gpt-4o-transcribe-2025-01-01' }, {}, 'chatgpt chatgpt'],
    ['and the newest', { model: 'gpt-transcribe' }, {}, 'chatgpt chatgpt'],
    ['unless an engine claims one', { model: 'gpt-4o-mini-transcribe' }, {}, 'remote gpt-4o-mini-transcribe'],
    ['an unknown name is not the default model', { model: 'whisper-2' }, {}, '404 model_not_found model'],
    [
      'speakers are told apart by none',
      { model: 'gpt-4o-transcribe-diarize' },
      {},
      '400 unsupported_value model',
    ],
    ['in no engine', { model: 'remote:gpt-4o-transcribe-diarize' }, {}, '400 unsupported_value model'],
    ['another default', {}, { default: 'mlx-whisper' }, 'mlx-whisper mlx-community/whisper-large-v3-turbo'],
    ['a default that needs a model', {}, { default: 'whisper-cpp' }, '400 missing_required_parameter model'],
    ['a configured model', { model: 'whisper-1' }, { model: 'whisper-cpp:tiny' }, 'whisper-cpp tiny'],
    ['a configured model by pattern', {}, { model: 'base' }, 'whisper-cpp base'],
    ['a configured alias', {}, { model: 'fast', aliases }, 'whisper-cpp tiny'],
    [
      'a configured model of the default engine',
      {},
      { model: 'special', default: 'remote' },
      'remote special',
    ],
    ['--engine', { engine: 'mlx-whisper' }, {}, 'mlx-whisper mlx-community/whisper-large-v3-turbo'],
    ['--engine with a model', { engine: 'mlx-whisper', model: 'base' }, {}, 'mlx-whisper base'],
    [
      '--engine wins over the prefix',
      { engine: 'mlx-whisper', model: 'whisper-cpp:base' },
      {},
      'mlx-whisper base',
    ],
    [
      '--engine and a name of OpenAI',
      { engine: 'mlx-whisper', model: 'whisper-1' },
      {},
      'mlx-whisper mlx-community/whisper-large-v3-turbo',
    ],
    [
      '--engine and a name of OpenAI that is its own',
      { engine: 'remote', model: 'gpt-4o-mini-transcribe' },
      {},
      'remote gpt-4o-mini-transcribe',
    ],
    [
      '--engine takes the configured model when it is its own',
      { engine: 'whisper-cpp' },
      { model: 'whisper-cpp:tiny' },
      'whisper-cpp tiny',
    ],
    [
      "and not when it is another's",
      { engine: 'mlx-whisper' },
      { model: 'whisper-cpp:tiny' },
      'mlx-whisper mlx-community/whisper-large-v3-turbo',
    ],
    [
      '--engine without a model it needs',
      { engine: 'whisper-cpp' },
      {},
      '400 missing_required_parameter model',
    ],
    ['invalid --engine', { engine: 'whisper' }, {}, '400 engine_not_found engine'],
  ];
  test.each(rows)('%s', (_, request, options, means) => {
    expect(resolve(request, options)).toBe(means);
  });
});

describe('the allow list, after all that', () => {
  const rows: [string[], { engine?: string; model?: string }, string][] = [
    [['whisper-cpp:*'], { model: 'base' }, 'whisper-cpp base'],
    [['base*'], { model: 'whisper-cpp:base.en' }, 'whisper-cpp base.en'],
    [['base*'], { model: 'tiny' }, '403 model_not_allowed model'],
    [['whisper-cpp:*'], {}, '403 model_not_allowed model'],
    [['chatgpt'], { model: 'whisper-1' }, 'chatgpt chatgpt'],
    [['chatgpt'], { engine: 'remote', model: 'chatgpt' }, 'remote chatgpt'],
  ];
  test.each(rows)('%j and %j: %s', (allowed, request, means) => {
    expect(resolve(request, { allowed })).toBe(means);
  });
});

test('an unknown name gets a list of known ones; a long name is clipped by characters', () => {
  const registry = createRegistry(engines, { default: 'chatgpt', aliases: {}, allowed: [], matchesGlob });
  const thrown = (request: { engine?: string; model?: string }): Failure => {
    try {
      registry.first(request);
    } catch (failure) {
      return failure as Failure;
    }
    throw new Error('resolved');
  };
  expect(thrown({ engine: 'x' }).advice).toBe('Use one of chatgpt, whisper-cpp, mlx-whisper, remote.');
  expect(thrown({ model: 'x' }).advice).toContain('mlx-community/whisper-*');
  const long = thrown({ model: '😀'.repeat(500) }).message;
  expect(long).toBe(`Unknown speech model \`${'😀'.repeat(80)}…\`.`);
});

test('a default that is no engine is told before anybody asks for it', () => {
  const create = () =>
    createRegistry(engines, { default: 'nemo-parakeet', aliases: {}, allowed: [], matchesGlob });
  expect(create).toThrow(
    expect.objectContaining({ code: 'engine_not_found', advice: expect.stringContaining('whisper-cpp') }),
  );
});

describe('several engines claim a model', () => {
  interface State {
    ready?: boolean;
    /** Empty if it can never be ready on this machine. */
    fix?: string;
    models?: string[];
    has?: string[];
    translate?: boolean;
  }
  const chosen = async (
    states: Record<string, State>,
    asked: Parameters<ReturnType<typeof createRegistry>['resolve']>[0],
    options: Partial<RegistryOptions> = {},
  ) => {
    const known = Object.entries(states).map(
      ([
        id,
        { ready = true, fix = 'install it', has = [], translate = false, models = ['base*'] },
      ]): Engine => {
        const one = engine(id, models, id === 'usual' ? 'usual' : undefined);
        return {
          ...one,
          capabilities: { ...one.capabilities, translate },
          probe: async () => (ready ? { ready } : { ready, why: 'it is not there', fix }),
          available: async () => has,
        };
      },
    );
    const registry = createRegistry(known, {
      default: 'usual',
      aliases: {},
      allowed: [],
      matchesGlob,
      ...options,
    });
    const choice = await registry.resolve(asked);
    return `${choice.engine.id}:${choice.model}`;
  };
  const usual = {};

  test('one that is ready and has it comes before one that is not', async () => {
    const model = 'base.en';
    expect(await chosen({ usual, a: { ready: false }, b: { has: [model] } }, { model })).toBe('b:base.en');
    expect(await chosen({ a: {}, usual, b: { has: [model] } }, { model })).toBe('b:base.en');
    expect(await chosen({ a: { ready: false }, usual: { ready: false }, b: {} }, { model })).toBe(
      'b:base.en',
    );
  });

  test('of equals the first, also where none is ready: it says what is missing', async () => {
    const off = { ready: false };
    expect(await chosen({ a: off, usual: off, b: off }, { model: 'base' })).toBe('a:base');
    expect(await chosen({ a: { has: ['base'] }, usual, b: { has: ['base'] } }, { model: 'base' })).toBe(
      'a:base',
    );
  });

  test('one that can never run here comes after those that can be installed', async () => {
    const off = { ready: false };
    expect(await chosen({ a: { ...off, fix: '' }, usual, b: off }, { model: 'base' })).toBe('usual:base');
    const mac = { ...off, fix: '', models: ['whisper-base'] };
    expect(await chosen({ mac, usual: off }, { model: 'whisper-base' })).toBe('usual:base');
    expect(await chosen({ usual: off, mac: { models: ['whisper-base'] } }, { model: 'whisper-base' })).toBe(
      'mac:whisper-base',
    );
  });

  test('the others are not asked when the first has all it needs', async () => {
    const slow = { ...engine('slow', ['base*']), probe: () => new Promise<never>(() => {}) };
    const first = { ...engine('first', ['base*']), available: async () => ['base'] };
    const registry = createRegistry([first, slow], {
      default: 'first',
      aliases: {},
      allowed: [],
      matchesGlob,
    });
    expect((await registry.resolve({ model: 'base' })).engine.id).toBe('first');
  });

  test('one that may not be used does not count', async () => {
    const states = { a: { has: ['base'] }, usual, b: {} };
    expect(await chosen(states, { model: 'base' }, { allowed: ['b:*'] })).toBe('b:base');
  });

  test('an engine that is named stays, ready or not', async () => {
    expect(await chosen({ usual, a: { ready: false }, b: { has: ['base'] } }, { model: 'a:base' })).toBe(
      'a:base',
    );
  });

  test('for a translation, the names of OpenAI and no name at all mean an engine that can', async () => {
    const states = {
      usual,
      a: { translate: true, ready: false, has: ['x'] },
      b: { translate: true, has: ['base'] },
    };
    for (const model of [undefined, ' ', 'whisper-1', 'gpt-4o-transcribe', 'openai/whisper-1']) {
      expect(await chosen(states, { model, task: 'translate' })).toBe('b:base');
      expect(await chosen(states, { model })).toBe('usual:usual');
    }
  });
});

describe('a model that is a path', () => {
  const known = ['whisper-cpp', 'faster-whisper', 'mlx-whisper'].map((id) => ({
    ...engine(id, ['base*'], 'base'),
    has: async (model: string) => model === '/models/converted' && id === 'faster-whisper',
  }));
  const registryWith = (options: Partial<RegistryOptions> = {}) =>
    createRegistry(known, { default: 'whisper-cpp', aliases: {}, allowed: [], matchesGlob, ...options });
  const meant = async (
    registry: ReturnType<typeof createRegistry>,
    model?: string,
    fromShell?: true,
  ): Promise<unknown[]> => {
    const choice = await registry.resolve({ model, ...(fromShell && { fromShell }) });
    return [choice.engine.id, choice.model, choice.mayBePath];
  };

  test('is understood where the settings or the shell name it', async () => {
    const converted = ['faster-whisper', '/models/converted', true];
    expect(await meant(registryWith({ model: '/models/converted' }))).toEqual(converted);
    for (const mine of ['/models/converted', 'faster-whisper:/models/converted']) {
      expect(await meant(registryWith({ aliases: { mine } }), 'mine')).toEqual(converted);
    }
    expect(await meant(registryWith(), '/models/converted', true)).toEqual(converted);
    expect(await meant(registryWith(), 'mlx-whisper:~/m', true)).toEqual(['mlx-whisper', '~/m', true]);
    expect(await meant(registryWith(), './ggml-base.bin', true)).toEqual([
      'whisper-cpp',
      './ggml-base.bin',
      true,
    ]);
  });

  test('a client that sends one learns nothing of the file system', async () => {
    for (const model of ['/models/converted', '/models/nothing', '../x', '~/x', 'C:\\x']) {
      expect(
        await registryWith()
          .resolve({ model })
          .catch((thrown) => thrown),
      ).toMatchObject({ status: 404 });
    }
    expect(await meant(registryWith(), 'faster-whisper:/models/converted')).toEqual([
      ...['faster-whisper', '/models/converted', undefined],
    ]);
  });
});

test.each([
  ['whisper-mlx:base', 'mlx-whisper'],
  ['parakeet:base', 'parakeet-mlx'],
  ['lightning-whisper:base', 'lightning-whisper-mlx'],
])("open-asr-server's %s means %s", (model, id) => {
  const known = ['mlx-whisper', 'parakeet-mlx', 'lightning-whisper-mlx'].map((one) => engine(one, [], 'm'));
  const registry = createRegistry(known, { default: 'mlx-whisper', aliases: {}, allowed: [], matchesGlob });
  expect(registry.first({ model }).engine.id).toBe(id);
});
