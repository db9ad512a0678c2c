// Which model a name resolves to, on every route: one rule, and a header that names the model.
import { describe, expect, test } from 'bun:test';
import { pngFor } from '../../src/simulator/png.ts';
import { turnsSent, useWorld } from './daemon.ts';
import { formOf, spoken, post as upload } from './speech-support.ts';

const world = useWorld();
const messages = [{ role: 'user', content: 'Hi' }];
const image = { image_url: `data:image/png;base64,${pngFor('a kite')}` };

const routes: [string, object][] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/completions', { prompt: 'Hi' }],
  ['/v1/responses', { input: 'Hi' }],
  ['/v1/inspect', { prompt: 'What is it?', images: [image] }],
  ['/v1/messages', { messages, max_tokens: 9 }],
  ['/v1/messages/count_tokens', { messages }],
  ['/v1/messages/compact', { messages, max_tokens: 9 }],
  ['/api/chat', { messages, stream: false }],
  ['/api/generate', { prompt: 'Hi', stream: false }],
  ['/api/show', {}],
];

async function post(path: string, body: object) {
  const answer = await fetch(`${world.daemon.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const told = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, used: answer.headers.get('x-codexd-model'), told };
}

describe.each(routes)('%s', (path, body) => {
  test.each([
    ['gpt-5.5', 'gpt-5.5'],
    ['gpt-5.1', 'gpt-6.2-sol'],
    ['openai/gpt-5.1-codex', 'gpt-6.2-sol'],
    ['gpt-5.4-mini', 'gpt-6-luna'],
    ['llama2', 'gpt-6.2-sol'],
  ])('%s is answered by %s', async (model, used) => {
    const answer = await post(path, { model, ...body });
    expect(answer).toMatchObject({ status: 200, used });
    if ('model' in answer.told) expect(answer.told.model).toBe(model);
  });

  const isOllama = path.startsWith('/api/');
  test(`an unknown name is ${isOllama ? 'the default model' : 'a 404'}`, async () => {
    expect((await post(path, { model: 'nonsense-model', ...body })).status).toBe(isOllama ? 200 : 404);
    expect((await post(path, { model: 'gpt-5.5-nonsense', ...body })).status).toBe(404);
  });
});

test('streams have the header too', async () => {
  for (const path of ['/v1/chat/completions', '/v1/messages', '/api/chat']) {
    const body = JSON.stringify({ model: 'gpt-4', messages, max_tokens: 9, stream: true });
    const answer = await fetch(`${world.daemon.url}${path}`, { method: 'POST', body });
    expect(answer.headers.get('x-codexd-model')).toBe('gpt-6.2-sol');
    await answer.body?.cancel();
  }
});

test.each<[Record<string, string>]>([[{}], [{ stream: 'true' }]])(
  'recordings have it, too: %j',
  async (fields) => {
    const answer = await upload(world.daemon, formOf(spoken, { model: 'whisper-1', ...fields }));
    expect([answer.status, answer.headers.get('x-codexd-model')]).toEqual([200, 'chatgpt:chatgpt']);
    await answer.body?.cancel();
  },
);

test.each([
  ['gpt-5.5', 'gpt-5.5'],
  ['dall-e-3', 'gpt-5.5'],
  ['dall-e-2', 'gpt-5.5'],
  ['gpt-6.2-sol', 'gpt-5.5'],
  ['gpt-4o', 'gpt-5.5'],
])('images with %s: the image tool is called by %s', async (model, used) => {
  expect(await post('/v1/images/generations', { model, prompt: 'a kite' })).toMatchObject({
    status: 200,
    used,
  });
  expect(turnsSent(world.simulator)[0]?.body.tools).toMatchObject([
    { type: 'image_generation', model: 'gpt-image-2' },
  ]);
});

test('images with a name that nothing has', async () => {
  expect((await post('/v1/images/generations', { model: 'nonsense', prompt: 'a kite' })).status).toBe(404);
});
