// open-asr-server's admin routes (docs/wire/audio.md#open-asr-server).

import { describe, expect, test } from 'bun:test';
import type { LoadedModel, LoadedModels } from '../../../src/apis/services.ts';
import { sha256 } from '../../../src/base/sha256.ts';
import type { ApiKey } from '../../../src/keys/api-key.ts';
import { type TestDaemon, testDaemon } from '../../server/support.ts';

const idle: LoadedModel = {
  ...{ id: 'whisper-server:base', engine: 'whisper-server', model: 'base' },
  ...{ pinned: false, active: 0, idleSeconds: 12 },
};
const busy: LoadedModel = { ...idle, id: 'whisper-server:large', model: 'large', active: 1, idleSeconds: 0 };
const pinned: LoadedModel = { ...idle, id: 'whisper-server:tiny', model: 'tiny', pinned: true };
const all = [idle, busy, pinned].map(({ id }) => id);

function adminDaemon(keys: ApiKey[] = []): TestDaemon {
  let models = [idle, busy, pinned];
  const loaded: LoadedModels = {
    list: () => models,
    unload: async (unwanted) => {
      models = models.filter(({ id }) => id !== unwanted);
    },
  };
  return testDaemon([], { services: { speech: { loaded } }, keys });
}

test('status', async () => {
  await using daemon = adminDaemon();
  const { data } = (await (await daemon.fetch('/v1/admin/models/status')).json()) as { data: object[] };
  expect(data).toHaveLength(3);
  expect(data[0]).toEqual({
    ...{ id: 'whisper-server:base', backend: 'whisper-server', model: 'base' },
    ...{ pinned: false, active_requests: 0, idle_seconds: 12 },
  });
});

test('a key for some models sees only those, and unloads none', async () => {
  const key = { name: 'guest', sha256: sha256('some-key'), models: ['base', 'gpt-*'] };
  await using daemon = adminDaemon([key]);
  const headers = { authorization: 'Bearer some-key' };
  const status = await daemon.fetch('/v1/admin/models/status', { headers });
  const { data } = (await status.json()) as { data: { model: string }[] };
  expect(data.map(({ model }) => model)).toEqual(['base']);
  for (const path of ['unload', 'unload-all']) {
    const answer = await daemon.post(`/v1/admin/models/${path}`, { model: 'base', force: true }, { headers });
    expect(answer.status).toBe(403);
  }
});

describe('unload', () => {
  const without = (...gone: LoadedModel[]) => all.filter((id) => !gone.some((model) => model.id === id));
  const answered: [body: object, unloaded: LoadedModel[]][] = [
    [{ model: 'whisper-server:base' }, [idle]],
    [{ model: 'base' }, [idle]],
    [{ model: 'large', force: true }, [busy]],
    [{ model: 'tiny', force: true }, [pinned]],
  ];
  test.each(answered)('%j', async (body, unloaded) => {
    await using daemon = adminDaemon();
    const answer = await daemon.post('/v1/admin/models/unload', body);
    expect(await answer.json()).toEqual({
      ...{ unloaded: unloaded.map(({ id }) => id), skipped: [], loaded: without(...unloaded) },
    });
  });

  const refused: [body: unknown, status: number, param: string | null, code: string, says: RegExp][] = [
    [{ model: 'small' }, 404, 'model', 'model_not_found', /No such/],
    [{}, 404, 'model', 'model_not_found', /No such/],
    [{ model: 'large' }, 409, 'model', 'conflict', /in use/],
    [{ model: 'tiny' }, 409, 'model', 'conflict', /preload/],
    [[], 400, null, 'invalid_type', /object/],
  ];
  test.each(refused)('%j: %d', async (body, status, param, code, says) => {
    await using daemon = adminDaemon();
    const answer = await daemon.post('/v1/admin/models/unload', body);
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error).toMatchObject({ param, code });
    expect(error.message).toMatch(says);
  });

  const every: [body: object | undefined, skipped: LoadedModel[]][] = [
    [undefined, [busy, pinned]],
    [{}, [busy, pinned]],
    [{ include_pinned: true }, [busy]],
  ];
  test.each(every)('all, %j', async (body, skipped) => {
    await using daemon = adminDaemon();
    const init = { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const left = skipped.map(({ id }) => id);
    expect(await (await daemon.fetch('/v1/admin/models/unload-all', init)).json()).toEqual({
      ...{ unloaded: all.filter((id) => !left.includes(id)), skipped: left, loaded: left },
    });
  });
});
