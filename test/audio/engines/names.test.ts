// Which names select which engine (from open-asr-server's README), and the name of a model that is a path.
import { describe, expect, test } from 'bun:test';
import { createEngines } from '../../../src/audio/engines/create.ts';
import { createRegistry } from '../../../src/audio/registry.ts';
import { matchesGlob } from '../../../src/models/glob.ts';
import { context } from './support.ts';

const options = { workers: 1, engineTimeoutSeconds: 0, modelDirs: [] };

function registryOf(settings: Parameters<typeof createEngines>[0] = []) {
  const engines = createEngines(settings, options, context({ platform: 'darwin' }));
  return createRegistry(engines, { default: 'whisper-cpp', aliases: {}, allowed: [], matchesGlob });
}

test.each([
  ['mlx-community/parakeet-tdt-0.6b-v3', 'parakeet-mlx'],
  ['parakeet-tdt-0.6b-v2', 'parakeet-mlx'],
  ['whisper-large-v3-turbo', 'mlx-whisper'],
  ['whisper-tiny', 'mlx-whisper'],
  ['mlx-community/whisper-large-v3-turbo', 'mlx-whisper'],
  ['lightning-whisper-distil-large-v3', 'lightning-whisper-mlx'],
  ['kyutai/stt-2.6b-en-mlx', 'kyutai-mlx'],
  ['openai/whisper-large-v3', 'faster-whisper'],
  ['distil-whisper/distil-large-v3', 'faster-whisper'],
  ['tiny.en', 'whisper-cpp'],
  ['base', 'whisper-cpp'],
  ['small-q5_1', 'whisper-cpp'],
  ['medium', 'whisper-cpp'],
  ['large-v3-turbo', 'whisper-cpp'],
  ['whisper-mlx:whisper-tiny', 'mlx-whisper'],
  ['faster-whisper:openai/whisper-small', 'faster-whisper'],
])('%s means %s', async (model, id) => {
  expect((await registryOf().resolve({ model })).engine.id).toBe(id);
});

describe.each([
  ['faster-whisper', {}],
  ['whisper-server', { start: ['whisper-server', '-m', '{model}', '--port', '{port}'] }],
  ['openai', { url: 'http://127.0.0.1:1/v1' }],
] as const)('a %s whose model is a path', (kind, more) => {
  const path = '/srv/models/ggml-base.en.bin';

  test('is named without its directory', () => {
    const registry = registryOf([{ id: 'mine', kind, model: path, ...more }]);
    const { engine, model } = registry.first({ model: 'mine:' });
    expect([engine.id, model]).toEqual(['mine', 'base.en']);
    expect(JSON.stringify([engine.models, engine.defaultModel])).not.toContain('/srv');
  });
});
