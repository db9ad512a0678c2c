// Engines that keep a model in memory, as the admin routes see them.
import { expect, test } from 'bun:test';
import { loadedModels } from '../../src/app/speech-memory.ts';
import type { Engine, LoadedState } from '../../src/audio/engines/engine.ts';

function engine(id: string, loaded: LoadedState | undefined, released: string[] = []): Engine {
  const memory = {
    pin: async () => {},
    loaded: () => (released.includes(id) ? undefined : loaded),
    release: async () => void released.push(id),
    close: async () => {},
  };
  return { id, memory } as Partial<Engine> as Engine;
}

const idle: LoadedState = { model: 'base', isPinned: true, activeJobs: 0, lastUsedAtMs: 1000 };
const busy: LoadedState = { model: 'm', isPinned: false, activeJobs: 2, lastUsedAtMs: 1000 };

test('only what is loaded is listed, under the name that clients ask for', () => {
  const engines = [engine('far', undefined), engine('near', idle), engine('other', busy)];
  expect(loadedModels([{ id: 'program' } as Engine, ...engines], () => 13_999).list()).toEqual([
    { id: 'near:base', engine: 'near', model: 'base', pinned: true, active: 0, idleSeconds: 12 },
    { id: 'other:m', engine: 'other', model: 'm', pinned: false, active: 2, idleSeconds: 0 },
  ]);
});

test('unloading releases that engine and no other', async () => {
  const released: string[] = [];
  const loaded = loadedModels([engine('near', idle, released), engine('other', busy, released)], () => 0);
  await loaded.unload('other:m');
  expect(released).toEqual(['other']);
  expect(loaded.list().map(({ id }) => id)).toEqual(['near:base']);
  await loaded.unload('other:m');
  expect(released).toEqual(['other']);
});
