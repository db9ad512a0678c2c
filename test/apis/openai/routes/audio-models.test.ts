// Speech models in model lists: usable ones in the plain list, all of them in the metadata, with what is missing
// (docs/wire/audio.md#open-asr-server).

import { describe, expect, test } from 'bun:test';
import { sha256 } from '../../../../src/base/sha256.ts';
import { audioDaemon } from './audio-support.ts';

type List = { object: string; data: Record<string, unknown>[] };

async function list(daemon: ReturnType<typeof audioDaemon>, path: string, headers = {}): Promise<List> {
  return (await (await daemon.fetch(path, { headers })).json()) as List;
}

const entry = { id: 'fake:small', object: 'model', created: expect.any(Number), owned_by: 'fake' };

test('the list has what can be asked for, behind the chat models', async () => {
  await using daemon = audioDaemon();
  const { object, data } = await list(daemon, '/v1/models');
  expect(object).toBe('list');
  expect(data.at(-1)).toEqual(entry);
  expect(data.map(({ id }) => id)).not.toContain('lame');
  expect(data[0]).toHaveProperty('context_length');
});

describe('one of them', () => {
  const translate: [id: string, status: number, expected: object][] = [
    ['fake:small', 200, entry],
    ['lame', 404, { error: { code: 'model_not_found' } }],
    ['gpt-5.5', 200, { id: 'gpt-5.5', owned_by: 'openai' }],
  ];
  test.each(translate)('%s: %d', async (id, status, expected) => {
    await using daemon = audioDaemon();
    const answer = await daemon.fetch(`/v1/models/${id}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject(expected);
  });
});

test('the metadata say what each can do and how to get it', async () => {
  await using daemon = audioDaemon();
  const { data } = await list(daemon, '/v1/models/metadata');
  expect(data.slice(-2)).toEqual([
    {
      ...entry,
      backend: 'fake',
      ready: true,
      capabilities: {
        ...{ transcription: true, translation: true, supports_prompt: true, supports_word_timestamps: true },
        ...{ supports_segments: true, supports_languages: true, supports_streaming: false },
      },
      install_command: 'apt install fake',
    },
    expect.objectContaining({
      ...{ id: 'lame', ready: false, install_command: 'brew install lame' },
      notes: 'There is no program `lame`. Install it.',
    }),
  ]);
});

test("Anthropic's and Codex's own lists have none", async () => {
  await using daemon = audioDaemon();
  const anthropic = await list(daemon, '/v1/models?limit=1000', { 'anthropic-version': '2023-06-01' });
  const codex = await list(daemon, '/v1/models?client_version=1');
  for (const { data } of [anthropic, codex]) expect(data.map(({ id }) => id)).not.toContain('fake:small');
  const one = await daemon.fetch('/v1/models/fake:small', { headers: { 'anthropic-version': '2023-06-01' } });
  expect(one.status).toBe(404);
});

const keys: [models: string[], isListed: boolean][] = [
  [['gpt-*'], false],
  [['fake:*'], true],
  [['small'], true],
];
test.each(keys)('a key for %j: listed %p', async (models, isListed) => {
  const key = { name: 'k', sha256: sha256('some-key'), models };
  await using daemon = audioDaemon(undefined, { daemon: { keys: [key] } });
  const headers = { authorization: 'Bearer some-key' };
  const { data } = await list(daemon, '/v1/models', headers);
  expect(data.some(({ id }) => id === 'fake:small')).toBe(isListed);
  expect((await daemon.fetch('/v1/models/fake:small', { headers })).status).toBe(isListed ? 200 : 404);
  const metadata = await list(daemon, '/v1/models/metadata', headers);
  expect(metadata.data.some(({ id }) => id === 'fake:small')).toBe(isListed);
});
