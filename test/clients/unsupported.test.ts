// The daemon's responses on endpoints that it does not have, to the official client and to plain HTTP
// (docs/wire/openai.md#missing-endpoints).
import { expect, test } from 'bun:test';
import OpenAI from 'openai';
import { clientOf, startDaemon, thrownBy, useWorld } from './daemon.ts';

const world = useWorld();
const unsupported = [404, { error: { code: 'unsupported_endpoint', type: 'invalid_request_error' } }];

async function answerTo(method: string, path: string): Promise<[number, unknown]> {
  const answer = await fetch(`${world.daemon.url}${path}`, { method });
  return [answer.status, await answer.json()];
}

test.each([
  ['POST', '/v1/embeddings'],
  ['GET', '/v1/embeddings'],
  ['POST', '/embeddings'],
  ['POST', '/v1/moderations'],
  ['POST', '/v1/audio/speech'],
  ['GET', '/v1/audio/voices'],
  ['GET', '/v1/files'],
  ['DELETE', '/v1/files/file-1'],
  ['GET', '/v1/files/file-1/content'],
  ['POST', '/v1/uploads/u1/parts'],
  ['POST', '/v1/batches'],
  ['GET', '/v1/vector_stores/vs_1'],
  ['POST', '/v1/fine_tuning/jobs'],
  ['POST', '/v1/assistants'],
  ['POST', '/v1/threads/t1/runs'],
  ['GET', '/v1/containers'],
  ['POST', '/v1/conversations'],
  ['PUT', '/v1/evals/e1'],
  ['PATCH', '/v1/skills/s1'],
  ['POST', '/v1/videos'],
  ['POST', '/v1/realtime/sessions'],
  ['GET', '/v1/organization/usage/completions'],
  ['POST', '/v1/images/variations'],
  ['GET', '/v1/chat/completions'],
  ['GET', '/v1/chat/completions/chatcmpl-1'],
  ['POST', '/v1/chat/completions/chatcmpl-1'],
  ['DELETE', '/v1/chat/completions/chatcmpl-1'],
  ['GET', '/v1/chat/completions/chatcmpl-1/messages'],
])('%s %s: 404 that says why', async (method, path) => {
  expect(await answerTo(method, path)).toMatchObject(unsupported as never);
});

test('anthropic-api 1: batches of messages are refused in Anthropic’s envelope', async () => {
  expect(await answerTo('POST', '/v1/messages/batches')).toMatchObject([
    404,
    {
      type: 'error',
      error: { type: 'not_found_error', message: expect.stringContaining('does not support batches') },
    },
  ]);
});

test('HEAD gets the status without a body', async () => {
  const answer = await fetch(`${world.daemon.url}/v1/embeddings`, { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([404, '']);
});

test('a path that only begins alike is unknown, not unsupported', async () => {
  expect(await answerTo('GET', '/v1/filesystem')).toMatchObject([404, { error: { code: 'unknown_url' } }]);
});

test('the official client sees a NotFoundError and does not try again', async () => {
  let requests = 0;
  const client = clientOf(world.daemon, {
    maxRetries: 2,
    fetch: (url, init) => {
      requests += 1;
      return fetch(url, init);
    },
  });
  const thrown = await thrownBy(client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' }));
  expect(thrown).toBeInstanceOf(OpenAI.NotFoundError);
  expect(thrown).toMatchObject({
    code: 'unsupported_endpoint',
    message: expect.stringMatching(/embeddings/),
  });
  expect(requests).toBe(1);
});

test('the key is checked first', async () => {
  await using daemon = await startDaemon({
    simulator: world.simulator,
    args: ['--api-key', 'cdx_test-key-of-ours'],
  });
  const ask = (key: string) =>
    fetch(`${daemon.url}/v1/embeddings`, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  expect((await ask('wrong')).status).toBe(401);
  expect((await ask('cdx_test-key-of-ours')).status).toBe(404);
});

test('the service card does not list them', async () => {
  const card = await (await fetch(`${world.daemon.url}/`)).text();
  expect(card).toContain('/v1/completions');
  expect(card).not.toContain('/v1/embeddings');
});
