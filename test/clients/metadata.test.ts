// GET /v1/models/metadata: what each model can do, against a daemon in a separate process.
import { expect, test } from 'bun:test';
import { startDaemon, useWorld } from './daemon.ts';

const world = useWorld();

interface Metadata {
  object: string;
  data: { id: string; [fact: string]: unknown }[];
}

async function metadata(url: string, path = '/v1/models/metadata'): Promise<Metadata> {
  return (await (await fetch(`${url}${path}`)).json()) as Metadata;
}

/** Speech models name their engine. */
const chats = ({ backend }: Metadata['data'][number]) => backend === undefined;

test('the same models in the same order as the list, each with what it can do', async () => {
  const { object, data } = await metadata(world.daemon.url);
  const listed = await Array.fromAsync(await world.client.models.list());
  expect(object).toBe('list');
  expect(data.filter(chats).map(({ id }) => id)).toEqual(
    listed.filter(({ owned_by }) => owned_by === 'openai').map(({ id }) => id),
  );
  expect(data.find(({ id }) => id === 'gpt-5.5')).toMatchObject({
    object: 'model',
    context_length: expect.any(Number),
    display_name: 'GPT-5.5',
    input_modalities: ['text', 'image'],
    reasoning_efforts: expect.arrayContaining(['low', 'high']),
    capabilities: { vision: true, image_generation: true },
  });
  expect(data.find(({ id }) => id === 'gpt-6.1-sol')!.capabilities).toMatchObject({
    image_generation: false,
  });
  expect(JSON.stringify(data)).not.toContain('null');
});

test('also without /v1, and only what is allowed', async () => {
  await using daemon = await startDaemon({
    simulator: world.simulator,
    env: { CODEXD_MODELS_ALLOWED: 'gpt-5.5' },
  });
  const { data } = await metadata(daemon.url, '/models/metadata');
  expect(data.filter(chats).map(({ id }) => id)).toEqual(['gpt-5.5']);
});
