// What the admin routes see of the engines that hold a model in memory.
import { expect, test } from 'bun:test';
import { loadedModels } from '../../src/app/speech-memory.ts';
import type { Engine, Held } from '../../src/audio/engines/engine.ts';

function engine(id: string, held: Held | undefined, released: string[] = []): Engine {
  const memory = {
    pin: async () => {},
    held: () => (released.includes(id) ? undefined : held),
    release: async () => void released.push(id),
    close: async () => {},
  };
  return { id, memory } as Partial<Engine> as Engine;
}

const idle: Held = { model: 'base', isPinned: true, jobs: 0, usedAtMs: 1000 };
const busy: Held = { model: 'm', isPinned: false, jobs: 2, usedAtMs: 1000 };

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
