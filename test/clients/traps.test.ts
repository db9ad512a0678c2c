// Protocol details that no other test in this folder covers.
import { describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { fixture, isTurn, startDaemon, useWorld } from './daemon.ts';

const world = useWorld();
const hello = [{ role: 'user' as const, content: 'Say hello.' }];
const message = { model: 'claude-opus-5-5', max_tokens: 500, messages: hello };
const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(world.daemon.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
const turns = () => world.simulator.requests.filter(isTurn);
const brokenBodies = [{ detail: 'Unsupported thing' }, '<html><body>Bad request</body></html>'];

describe('anthropic-api 20', () => {
  test('2: a query does not lead astray', async () => {
    expect((await send('/v1/messages?beta=true', message)).status).toBe(200);
    expect((await send('/v1/messages/count_tokens?beta=true', message)).status).toBe(200);
  });

  test('3: the key is read from either header, whatever the other one holds', async () => {
    const key = 'a-key-of-its-own';
    await using keyed = await startDaemon({ simulator: world.simulator, args: ['--api-key', key] });
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${keyed.url}/v1/models`, { headers })).status;
    expect(await status({ 'x-api-key': key })).toBe(200);
    expect(await status({ authorization: `Bearer ${key}` })).toBe(200);
    expect(await status({ authorization: `Bearer ${key}`, 'x-api-key': 'sk-ant-dummy' })).toBe(200);
    expect(await status({ authorization: 'Bearer sk-ant-dummy', 'x-api-key': key })).toBe(200);
    expect(await status({ 'x-api-key': 'sk-ant-dummy' })).toBe(401);
  });

  test('31: a session of several megabytes is no problem', async () => {
    const long = [{ role: 'user', content: 'line of a file\n'.repeat(300_000) }];
    expect((await send('/v1/messages', { ...message, messages: long })).status).toBe(200);
  });

  test.each(['claude-haiku-4-5-20251001', 'claude-3-5-haiku-latest', 'claude-sonnet-99'])(
    '32: %p never reaches the upstream',
    async (model) => {
      const answer = await send('/v1/messages', { ...message, model });
      expect(await answer.json()).toMatchObject({ model, stop_reason: 'end_turn' });
      expect((turns()[0]!.body as { model: string }).model).toStartWith('gpt-');
    },
  );

  test.each(['claude-opus-5-5[1m]', 'gpt-5.5[1m]'])(
    '33: %p is a model, the suffix is the client’s',
    async (model) => {
      expect(await (await send('/v1/messages', { ...message, model })).json()).toMatchObject({ model });
      expect((turns()[0]!.body as { model: string }).model).toMatch(/^gpt-[\d.]+[a-z-]*$/);
    },
  );

  test.each([
    ['failed-usage-limit', 429, 'rate_limit_error'],
    ['overload-error-pair', 529, 'overloaded_error'],
  ])(
    '50: %s inside a stream that began with 200 is a %d',
    async (name, status, type) => {
      world.simulator.script(...Array.from({ length: status === 529 ? 4 : 1 }, () => fixture(name)));
      const model = status === 429 ? 'claude-haiku-4-5' : message.model; // the limit is remembered
      const answer = await send('/v1/messages', { ...message, model, stream: true });
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ type: 'error', error: { type } });
    },
    20_000,
  );

  test('59: a client that leaves in mid stream ends the turn upstream', async () => {
    world.simulator.script({ text: 'word '.repeat(400), paceMs: 20 });
    const leaving = new AbortController();
    const answer = await fetch(`${world.daemon.url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ ...message, stream: true }),
      signal: leaving.signal,
    });
    await answer.body!.getReader().read();
    leaving.abort();
    const turn = await world.simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
    expect(turn.path).toEndWith('/responses');
  });

  test.each(brokenBodies)('52: the upstream’s %j comes in the envelope', async (body) => {
    world.simulator.script({ status: 400, body });
    const failed = await new Anthropic({
      baseURL: world.daemon.url,
      apiKey: 'anything',
      maxRetries: 0,
    }).messages
      .create(message)
      .catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.BadRequestError);
    expect(failed.error).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect(failed.message).not.toMatch(/no body|<html>/);
  });

  test('56: an answer that was not asked for as a stream is JSON', async () => {
    const answer = await send('/v1/messages', message);
    expect(answer.headers.get('content-type')).toStartWith('application/json');
    expect(await answer.json()).toMatchObject({ type: 'message' });
  });

  test('58: a character that the network cut in two is whole', async () => {
    const text = '/home/josé/文書/𝄞.txt';
    world.simulator.script({ text, chunkBytes: 1 });
    const answer = await (await send('/v1/messages', message)).json();
    expect(answer).toMatchObject({ content: [{ type: 'text', text }] });
  });

  test('66: text that spells a special token is counted as text', async () => {
    const counted = await send('/v1/messages/count_tokens', {
      ...message,
      messages: [{ role: 'user', content: '<|endoftext|><|im_start|>' }],
    });
    expect(counted.status).toBe(200);
    expect(((await counted.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(2);
  });
});

describe('openai-api L', () => {
  test.each([
    ['/v1/chat/completions', { messages: hello }],
    ['/v1/responses', { input: 'Say hello.' }],
    ['/v1/completions', { prompt: 'Say hello.' }],
  ])('92: %s answers with JSON unless a stream is asked for', async (path, body) => {
    for (const stream of [undefined, false]) {
      const answer = await send(path, { model: 'gpt-5.5', stream, ...body });
      expect(answer.headers.get('content-type')).toStartWith('application/json');
      expect(await answer.json()).toHaveProperty('id');
    }
  });

  test('73: characters cut in two on their way are whole', async () => {
    const text = 'naïve 文書 𝄞';
    world.simulator.script({ text, chunkBytes: 1 });
    const answer = await world.client.chat.completions.create({ model: 'gpt-5.5', messages: hello });
    expect(answer.choices[0]!.message.content).toBe(text);
  });
});

describe('ollama-api 14', () => {
  const chat = { model: 'gpt-5.5', messages: hello };

  test('18: a refusal before the first line is a status, not a line', async () => {
    world.simulator.script({ refusal: 'unsupported_country' });
    const answer = await send('/api/chat', chat);
    expect(answer.status).toBe(403);
    expect(Object.keys((await answer.json()) as object)).toEqual(['error']);
    world.simulator.script(fixture('failed-first'));
    const overflow = await send('/api/chat', chat);
    expect([overflow.status, await overflow.json()]).toEqual([
      400,
      { error: expect.stringContaining('the input length exceeds the context length') },
    ]);
  });

  test('29: neither the greeting nor the version waits for a key', async () => {
    await using keyed = await startDaemon({
      simulator: world.simulator,
      args: ['--api-key', 'cdx_a-key-of-its-own'],
    });
    const headers = { 'user-agent': 'ollama-js/0.6.4' };
    expect(await (await fetch(keyed.url, { headers })).text()).toBe('Ollama is running');
    expect((await fetch(`${keyed.url}/api/version`, { headers })).status).toBe(200);
    const listed = await fetch(`${keyed.url}/api/tags`, { headers });
    expect([listed.status, await listed.json()]).toEqual([
      401,
      { error: expect.stringMatching(/^unauthorized/) },
    ]);
  });

  test('46: deleting what is not there is a 404', async () => {
    const body = JSON.stringify({ model: 'foo' });
    const answer = await fetch(`${world.daemon.url}/api/delete`, { method: 'DELETE', body });
    expect([answer.status, await answer.json()]).toEqual([404, { error: "model 'foo' not found" }]);
  });

  test('21 and 23: a model is found with and without its tag', async () => {
    for (const model of ['gpt-5.5', 'gpt-5.5:latest']) {
      const shown = await send('/api/show', { model });
      expect(shown.status).toBe(200);
      expect(((await shown.json()) as { capabilities: string[] }).capabilities).toContain('tools');
      expect((await send('/api/chat', { ...chat, model, stream: false })).status).toBe(200);
    }
    const models = turns().map(({ body }) => (body as { model: string }).model);
    expect(models).toEqual(['gpt-5.5', 'gpt-5.5']);
  });

  test('44: context numbers are neither believed nor made up', async () => {
    const answer = await send('/api/generate', {
      model: 'gpt-5.5',
      prompt: 'Say hello.',
      context: [1, 2, 3],
      stream: false,
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).not.toHaveProperty('context');
    expect(JSON.stringify(turns()[0]!.body)).not.toContain('context');
  });

  test('48 to 50: an app’s origin may call once it is listed, other pages may not', async () => {
    const app = 'app://obsidian.md';
    const chatParams = 'authorization,x-stainless-os';
    await using daemon = await startDaemon({ simulator: world.simulator, args: ['--cors-origins', app] });
    const from = (origin: string, method = 'GET') =>
      fetch(`${daemon.url}/api/tags`, {
        method,
        headers: { origin, 'access-control-request-headers': chatParams },
      });
    const preflight = await from(app, 'OPTIONS');
    expect(preflight.headers.get('access-control-allow-origin')).toBe(app);
    expect(preflight.headers.get('access-control-allow-headers')).toBe(chatParams);
    expect((await from(app)).status).toBe(200);
    expect((await from('https://elsewhere.example')).status).toBe(403);
  });
});
