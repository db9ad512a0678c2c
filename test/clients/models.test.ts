// The list of models as clients request it: often, and to check their key (docs/wire/openai.md#models).
import { expect, test } from 'bun:test';
import OpenAI from 'openai';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { clientOf, startDaemon, thrownBy, useWorld } from './daemon.ts';

const world = useWorld();

test('models.list: every key an SDK needs, in the order of the catalogue, `created` the same each time', async () => {
  const { data } = await world.client.models.list();
  expect(data.length).toBeGreaterThan(5);
  expect(data.map(({ id }) => id)).toContain('gpt-5.5');
  for (const model of data) {
    expect(model).toMatchObject({ object: 'model', owned_by: 'openai' });
    expect(Number.isInteger(model.created)).toBe(true);
  }
  expect((await world.client.models.list()).data).toEqual(data);
});

test.each(['gpt-5.5', 'openai/gpt-5.5', 'gpt-5.5:high'])('models.retrieve %s', async (id) => {
  expect(await world.client.models.retrieve(id)).toMatchObject({ id, object: 'model', owned_by: 'openai' });
});

test('an id with a slash works percent-encoded and as it is', async () => {
  const ids = ['openai%2Fgpt-5.5', 'openai/gpt-5.5'].map(async (path) => {
    const answer = await fetch(`${world.daemon.url}/v1/models/${path}`);
    return ((await answer.json()) as { id: string }).id;
  });
  expect(await Promise.all(ids)).toEqual(['openai/gpt-5.5', 'openai/gpt-5.5']);
});

test.each(['gpt-nope', 'openai/gpt-nope', '__proto__'])(
  'models.retrieve %s: 404 model_not_found',
  async (id) => {
    const thrown = await thrownBy(world.client.models.retrieve(id));
    expect(thrown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(thrown).toMatchObject({ code: 'model_not_found', type: 'invalid_request_error' });
    expect((thrown as Error).message).toContain('does not exist');
  },
);

test('HEAD answers like GET, without a body', async () => {
  const answer = await fetch(`${world.daemon.url}/v1/models`, { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

test('polling asks the upstream at most once', async () => {
  for (let poll = 0; poll < 5; poll++) await world.client.models.list();
  expect(world.simulator.requests.filter(({ path }) => path.endsWith('/models'))).toEqual([]);
});

test('without a catalogue upstream the bundled list is given, and is not empty', async () => {
  const simulator = startSimulator();
  simulator.script({ for: 'models', status: 500, body: 'oops', repeat: 100 });
  await using daemon = await startDaemon({ simulator });
  const { data } = await clientOf(daemon).models.list();
  expect(data.map(({ id }) => id)).toContain('gpt-5.5');
  await simulator.stop();
});
