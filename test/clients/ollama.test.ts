// Ollama's own client against the daemon, and what other clients of that API check.
import { describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ollama } from 'ollama';
import { emptyHome } from '../cli/process.ts';
import { startDaemon, thrownBy, turnsSent, useWorld } from './daemon.ts';
import { expectUpstreamAborted } from './disconnect.ts';

const world = useWorld();
const client = () => new Ollama({ host: world.daemon.url });
const model = 'gpt-5.5:latest';
const messages = [{ role: 'user', content: 'Say plover.' }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];
const post = (path: string, body: object, method = 'POST') =>
  fetch(world.daemon.url + path, { method, body: JSON.stringify(body) });

describe('chat', () => {
  test('whole', async () => {
    const answer = await client().chat({ model, messages, stream: false });
    expect(answer).toMatchObject({ model, done: true, done_reason: 'stop', message: { role: 'assistant' } });
    expect(answer.message.content).toContain('plover');
    expect(answer.eval_duration).toBeGreaterThan(0);
    expect(turnsSent(world.simulator)[0]?.body.model).toBe('gpt-5.5');
  });

  test('streamed: the pieces are the whole answer, thoughts stand apart', async () => {
    const turn = { reasoning: ['Look **first**.'], text: 'A plover it is.' };
    world.simulator.script(turn);
    let content = '';
    let thinking = '';
    let done = 0;
    for await (const part of await client().chat({ model, messages, stream: true, think: 'low' })) {
      content += part.message.content;
      thinking += part.message.thinking ?? '';
      if (part.done) done++;
    }
    expect([content, thinking, done]).toEqual(['A plover it is.', 'Look **first**.', 1]);
  });

  test.each([true, false])('durations are nanoseconds of a real clock (stream: %p)', async (stream) => {
    world.simulator.script({ reasoning: ['Look.'], text: 'A plover it is.', delayMs: 30, paceMs: 2 });
    const answer = await client().chat({ model, messages, stream: stream as false });
    const parts = stream
      ? await Array.fromAsync(answer as unknown as AsyncIterable<typeof answer>)
      : [answer];
    const { total_duration, load_duration, prompt_eval_duration, eval_duration } = parts.at(-1)!;
    expect(
      [total_duration, load_duration, prompt_eval_duration, eval_duration].every(Number.isInteger),
    ).toBeTrue();
    expect(load_duration).toBeGreaterThan(20e6);
    expect(eval_duration).toBeGreaterThan(2e6);
    expect(total_duration).toBeGreaterThan(eval_duration);
    expect(total_duration).toBeLessThan(60e9);
  });

  test('tools: arguments are objects, and results without ids find their calls', async () => {
    world.simulator.script(
      { calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] },
      { text: 'Cold.' },
    );
    const first = await client().chat({ model, messages, tools, stream: false });
    expect(first.message.tool_calls?.map((call) => call.function)).toMatchObject([
      { name: 'get_weather', arguments: { city: 'Oslo' } },
    ]);
    const history = [...messages, first.message, { role: 'tool', content: '-4', tool_name: 'get_weather' }];
    const second = await client().chat({ model, messages: history, tools, stream: false });
    expect(second.message.content).toBe('Cold.');
    const { input } = turnsSent(world.simulator)[1]!.body;
    const [call, result] = input.slice(-2);
    expect(result).toMatchObject({ type: 'function_call_output', call_id: call?.call_id, output: '-4' });
  });

  test('tools, streamed: the call comes whole, before the end', async () => {
    world.simulator.script({
      text: 'Looking.',
      calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }],
    });
    const parts = await Array.fromAsync(await client().chat({ model, messages, tools, stream: true }));
    const calls = parts.map(({ message }) => message.tool_calls?.map((call) => call.function) ?? []);
    expect(calls.flat()).toMatchObject([{ name: 'get_weather', arguments: { city: 'Oslo' } }]);
    expect(calls.at(-1)).toEqual([]);
    expect(parts.at(-1)).toMatchObject({ done: true, done_reason: 'stop' });
  });

  test('thinking, whole: beside the answer, or not at all', async () => {
    world.simulator.script(
      { reasoning: ['Look.'], text: 'A plover.' },
      { reasoning: ['Look.'], text: 'A plover.' },
    );
    const thought = await client().chat({ model, messages, think: true, stream: false });
    expect(thought.message).toMatchObject({ content: 'A plover.', thinking: 'Look.' });
    const silent = await client().chat({ model, messages, think: false, stream: false });
    expect(silent.message).toEqual({ role: 'assistant', content: 'A plover.' });
  });

  test('structured output, streamed, as JSON of any kind', async () => {
    const chatParams = [{ role: 'user', content: 'A bird.' }];
    const parts = await Array.fromAsync(
      await client().chat({ model, messages: chatParams, format: 'json', stream: true }),
    );
    expect(typeof JSON.parse(parts.map(({ message }) => message.content).join(''))).toBe('object');
    expect(turnsSent(world.simulator)[0]?.body.text).toEqual({ format: { type: 'json_object' } });
  });

  test('structured output', async () => {
    const format = {
      type: 'object',
      properties: { bird: { type: 'string' } },
      required: ['bird'],
      additionalProperties: false,
    };
    const { message } = await client().chat({ model, messages, format, stream: false });
    expect(JSON.parse(message.content)).toHaveProperty('bird');
  });

  test('an error in mid stream is thrown', async () => {
    world.simulator.script({ fixture: `${import.meta.dir}/../fixtures/turns/failed-mid-text.sse` });
    const reading = async () => {
      for await (const _ of await client().chat({ model, messages, stream: true }));
    };
    expect(await thrownBy(reading())).toMatchObject({ message: expect.stringContaining('error occurred') });
  });

  test('a load request asks nobody', async () => {
    const loaded = [];
    for await (const part of await client().chat({ model, messages: [], stream: true })) loaded.push(part);
    expect(loaded).toMatchObject([{ done: true, done_reason: 'load' }]);
    expect(turnsSent(world.simulator)).toEqual([]);
  });
});

test('generate, whole and streamed', async () => {
  const prompt = 'Say plover.';
  const whole = await client().generate({ model, prompt, stream: false });
  let response = '';
  for await (const part of await client().generate({ model, prompt, stream: true }))
    response += part.response;
  expect(whole.response).toContain('plover');
  expect(response).toBe(whole.response ?? '');
});

test('list, show, version', async () => {
  const { models } = await client().list();
  expect(models.map(({ name }) => name)).toContain(model);
  for (const name of ['gpt-5.5', model, 'GPT-5.5', 'library/gpt-5.5']) {
    const shown = await client().show({ model: name });
    expect(shown.capabilities).toContain('tools');
    expect(shown.model_info as unknown).toHaveProperty(['gpt.context_length']);
  }
  expect((await client().version()).version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the greeting is for Ollama’s clients, the card for all others', async () => {
  const at = (userAgent: string, method = 'GET') =>
    fetch(world.daemon.url, { method, headers: { 'user-agent': userAgent } });
  expect(await (await at('ollama-python/0.6.0 (x86_64 linux)')).text()).toBe('Ollama is running');
  expect((await at('ollama/0.33.0 (amd64 linux) Go/go1.25', 'HEAD')).status).toBe(200);
  expect(await (await at('Mozilla/5.0')).json()).toMatchObject({ name: 'codexd' });
});

const refused: [string, string, object, number, string][] = [
  ['an invalid suffix', '/api/show', { model: 'gpt-5.5-foo' }, 404, "model 'gpt-5.5-foo' not found"],
  ['no model', '/api/show', {}, 400, 'model is required'],
  ['embeddings', '/api/embed', { model, input: 'x' }, 400, 'does not support embeddings'],
  ['embeddings as they were once', '/api/embeddings', { model, prompt: 'x' }, 400, 'embeddings'],
  [
    'embeddings of an unknown model',
    '/api/embed',
    { model: 'foo', input: 'x' },
    404,
    "model 'foo' not found",
  ],
  [
    'pulling what is not there',
    '/api/pull',
    { name: 'foo' },
    404,
    "model 'foo' not found; this server offers only the models in /api/tags",
  ],
  ['creating', '/api/create', { model: 'foo' }, 400, 'does not store models'],
  ['pushing', '/api/push', { model }, 400, 'does not store models'],
  ['copying', '/api/copy', { source: model, destination: 'b' }, 400, 'does not store models'],
  [
    'copying what is not there',
    '/api/copy',
    { source: 'foo', destination: 'b' },
    404,
    'model "foo" not found',
  ],
  ['a blob', '/api/blobs/sha256:29fd', {}, 400, 'does not store models'],
  ['an account', '/api/me', {}, 401, 'you are not currently signed in'],
  ['a sign-out', '/api/signout', {}, 401, 'you are not currently signed in'],
  ['a bad field', '/api/chat', { model, messages: 5 }, 400, 'messages must be an array'],
];
test.each(refused)('%s is refused in one text', async (_, path, body, status, words) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(words) });
});

test.each([
  ['POST', '/api/chat'],
  ['POST', '/api/generate'],
  ['POST', '/api/show'],
  ['POST', '/api/pull'],
  ['DELETE', '/api/delete'],
])('%s %s without a body is told so', async (method, path) => {
  const answer = await fetch(world.daemon.url + path, { method });
  expect([answer.status, await answer.json()]).toEqual([400, { error: 'missing request body' }]);
});

test.each([
  ['POST', '/api/nonsense'],
  ['GET', '/api/experimental/model-recommendations'],
  ['POST', '/api/experimental/web_search'],
  ['GET', '/api/status'],
])('%s %s is nothing a client would take for a missing model', async (method, path) => {
  const answer = await fetch(world.daemon.url + path, { method, ...(method === 'POST' && { body: '{}' }) });
  expect([answer.status, await answer.text()]).toEqual([404, '404 page not found']);
  expect(answer.headers.get('content-type')).toStartWith('text/plain');
});

test('a blob is not there, a key of an account neither, and a wrong method is told with the right one', async () => {
  const blob = await fetch(`${world.daemon.url}/api/blobs/sha256:29fd`, { method: 'HEAD' });
  expect([blob.status, await blob.text()]).toEqual([404, '']);
  expect((await post('/api/user/keys/abc', {}, 'DELETE')).status).toBe(401);
  const wrong = await fetch(`${world.daemon.url}/api/chat`);
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await wrong.json()).toEqual({ error: expect.stringContaining('not allowed') });
  expect((await fetch(`${world.daemon.url}/api/version`, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(`${world.daemon.url}/api/tags`, { method: 'HEAD' })).status).toBe(200);
});

test('ps: a model is loaded when it was used, and gone when it is unloaded', async () => {
  await using daemon = await startDaemon({ simulator: world.simulator });
  const ollama = new Ollama({ host: daemon.url });
  const loaded = async () => (await ollama.ps()).models.map(({ name }) => name);
  expect(await loaded()).toEqual([]);
  await ollama.chat({ model: 'gpt-5.5', messages, stream: false });
  await ollama.generate({ model: 'gpt-6-sol', prompt: '', stream: false });
  expect((await loaded()).sort()).toEqual(['gpt-5.5:latest', 'gpt-6-sol:latest']);
  const [entry] = (await ollama.ps()).models;
  expect(Date.parse(String(entry!.expires_at))).toBeGreaterThan(Date.now());
  await ollama.generate({ model, prompt: '', keep_alive: 0, stream: false });
  expect(await loaded()).toEqual(['gpt-6-sol:latest']);
});

test('pulling a model of ours succeeds, deleting it does not', async () => {
  expect(await client().pull({ model, stream: false })).toMatchObject({ status: 'success' });
  const statuses: string[] = [];
  for await (const { status } of await client().pull({ model, stream: true })) statuses.push(status);
  expect(statuses.at(-1)).toBe('success');
  expect((await post('/api/delete', { model }, 'DELETE')).status).toBe(403);
});

describe('ollama.url', () => {
  interface Seen {
    method: string;
    path: string;
    body: string;
    authorization: string | null;
  }

  /** A daemon with an Ollama server that responds with `answer`, and the requests to that server. */
  async function withReal(answer: (path: string) => Response | Promise<Response>, args: string[] = []) {
    const seen: Seen[] = [];
    const other = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        const path = new URL(request.url).pathname;
        const authorization = request.headers.get('authorization');
        seen.push({ method: request.method, path, body: await request.text(), authorization });
        return answer(path);
      },
    });
    const env = { CODEXD_OLLAMA_URL: `http://127.0.0.1:${other.port}` };
    const daemon = await startDaemon({ simulator: world.simulator, env, args });
    const stop = async () => {
      await daemon.stop();
      await other.stop(true);
    };
    return { daemon, seen, other, [Symbol.asyncDispose]: stop };
  }
  const lines = () =>
    new Response('{"a":1}\n{"done":true}\n', { headers: { 'content-type': 'application/x-ndjson' } });
  const real = { name: 'llama3:8b', model: 'llama3:8b', size: 4_661_224_676, digest: 'ab', details: {} };
  const names = async (daemon: { url: string }, path: string, headers = {}) => {
    const answer = await fetch(daemon.url + path, { headers });
    const { models } = (await answer.json()) as { models: { name: string }[] };
    return models.map(({ name }) => name);
  };

  test('a model of somebody else goes there as it came, and only then', async () => {
    await using world = await withReal(lines);
    const ask = (name: string) => {
      const body = JSON.stringify({ model: name, messages, stream: false });
      const headers = { authorization: 'Bearer mine' };
      return fetch(`${world.daemon.url}/api/chat`, { method: 'POST', headers, body });
    };
    const answer = await ask('llama3:8b');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await answer.text()).toBe('{"a":1}\n{"done":true}\n');
    expect(await (await ask('gpt-5.5')).json()).toMatchObject({ model: 'gpt-5.5', done: true });
    const body = expect.stringContaining('"llama3:8b"') as unknown as string;
    expect(world.seen).toEqual([{ method: 'POST', path: '/api/chat', body, authorization: null }]);
  });

  test.each([
    ['POST', '/api/show', { model: 'llama3:8b' }],
    ['POST', '/api/embed', { model: 'nomic-embed-text', input: 'x' }],
    ['POST', '/api/pull', { name: 'llama3:8b' }],
    ['DELETE', '/api/delete', { model: 'llama3:8b' }],
    ['POST', '/api/copy', { source: 'llama3:8b', destination: 'mine' }],
    ['POST', '/api/create', { model: 'mine', from: 'llama3:8b' }],
  ])('%s %s, too', async (method, path, body) => {
    await using world = await withReal(lines);
    const answer = await fetch(world.daemon.url + path, { method, body: JSON.stringify(body) });
    expect(await answer.text()).toBe('{"a":1}\n{"done":true}\n');
    expect(world.seen).toEqual([{ method, path, body: JSON.stringify(body), authorization: null }]);
  });

  test('what it lists stands behind the models of codexd, whose names are codexd’s', async () => {
    const pretender = { ...real, name: 'gpt-5.5:latest', model: 'gpt-5.5:latest' };
    await using world = await withReal(() => Response.json({ models: [real, pretender, 7, { name: null }] }));
    const listed = await names(world.daemon, '/api/tags');
    expect(listed.at(-1)).toBe('llama3:8b');
    expect(listed.filter((name) => name === 'gpt-5.5:latest')).toHaveLength(1);
    expect(listed.indexOf('gpt-5.5:latest')).toBeLessThan(listed.length - 1);
    expect(await names(world.daemon, '/api/ps')).toEqual(['llama3:8b']);
    const answer = await fetch(`${world.daemon.url}/api/tags`);
    expect(((await answer.json()) as { models: unknown[] }).models.at(-1)).toEqual(real);
  });

  const faults: [string, () => Response | Promise<Response>][] = [
    ['answers with an error', () => new Response('no', { status: 500 })],
    ['answers with something else', () => Response.json([1])],
    ['answers with no JSON', () => new Response('<html>')],
    ['never answers', () => new Promise<Response>(() => {})],
  ];
  test.each(faults)('one that %s hides none of codexd’s models', async (_, fault) => {
    await using world = await withReal(fault);
    const listed = await names(world.daemon, '/api/tags');
    expect(listed).toContain('gpt-5.5:latest');
    expect(listed).not.toContain('llama3:8b');
    await world.daemon.says(/cannot list the Ollama server.s models/);
  });

  test('one that is not there: its models are 502, codexd’s are listed', async () => {
    await using world = await withReal(lines);
    await world.other.stop(true);
    expect(await names(world.daemon, '/api/tags')).toContain('gpt-5.5:latest');
    const body = JSON.stringify({ model: 'llama3:8b' });
    const answer = await fetch(`${world.daemon.url}/api/show`, { method: 'POST', body });
    expect([answer.status, await answer.json()]).toEqual([
      502,
      { error: expect.stringContaining('Cannot reach') },
    ]);
  });

  describe('a key for some models', () => {
    const key = 'cdx_guest-of-two-models';
    const headers = { authorization: `Bearer ${key}` };
    const models = [real, { ...real, name: 'qwen3:4b', model: 'qwen3:4b' }];

    async function withGuest(answer = () => Response.json({ models })) {
      const sha256 = new Bun.CryptoHasher('sha256').update(key).digest('hex');
      const file = join(emptyHome(), 'config.toml');
      writeFileSync(
        file,
        `[[server.keys]]\nname = "guest"\nsha256 = "${sha256}"\nmodels = ["gpt-5.5", "qwen*"]\n`,
      );
      const world = await withReal(answer, ['--config', file]);
      const ask = async (path: string, body: string, method = 'POST') =>
        (await fetch(world.daemon.url + path, { method, headers, body })).status;
      return { ...world, ask, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
    }

    test('does not open the others of a real Ollama', async () => {
      await using world = await withGuest();
      expect(await names(world.daemon, '/api/tags', headers)).toEqual(['gpt-5.5:latest', 'qwen3:4b']);
      const ask = (name: string) => world.ask('/api/chat', JSON.stringify({ model: name, messages }));
      expect([await ask('qwen3:4b'), await ask('llama3:8b')]).toEqual([200, 404]);
      expect(world.seen.map(({ path, body }) => [path, body])).toEqual([
        ['/api/tags', ''],
        ['/api/chat', expect.stringContaining('qwen3:4b')],
      ] as never);
    });

    // Go, in which Ollama is written, ignores the case of keys and uses the last of several.
    test.each([
      ['/api/chat', '{"model":"qwen3:4b","MODEL":"secret"}'],
      ['/api/generate', '{"Model":"secret","model":"qwen3:4b"}'],
      ['/api/embed', '{"MODEL":"secret"}'],
      ['/api/show', '{"model":"qwen3:4b","name":"secret"}'],
      ['/api/show', '{"model":"qwen3:4b","mo\\u0064El":"secret"}'],
    ])('%s %s reaches no model of others', async (path, body) => {
      await using world = await withGuest();
      expect(await world.ask(path, body)).toBe(404);
      expect(world.seen).toEqual([]);
    });

    test('a body that names its model twice is sent on with one name', async () => {
      await using world = await withGuest();
      const body = '{"model":"secret","keep_alive":1,"model":"qwen3:4b"}';
      expect(await world.ask('/api/generate', body)).toBe(200);
      const once = '{"model":"qwen3:4b","temperature":12345678901234567890}';
      expect(await world.ask('/api/generate', once)).toBe(200);
      expect(world.seen.map((each) => each.body)).toEqual(['{"model":"qwen3:4b","keep_alive":1}', once]);
    });

    test.each([
      ['POST', '/api/create', '{"model":"qwen-mine","from":"secret"}'],
      ['POST', '/api/create', '{"model":"qwen-mine","from":"qwen3:4b"}'],
      ['POST', '/api/copy', '{"source":"secret","destination":"qwen-mine"}'],
      ['POST', '/api/copy', '{"source":"qwen3:4b","destination":"qwen-mine","model":"gpt-5.5"}'],
      ['POST', '/api/pull', '{"model":"qwen3:4b"}'],
      ['POST', '/api/push', '{"name":"qwen3:4b"}'],
      ['DELETE', '/api/delete', '{"model":"qwen3:4b"}'],
    ])('%s %s %s: may not change models', async (method, path, body) => {
      await using world = await withGuest();
      expect(await world.ask(path, body, method)).toBe(403);
      expect(world.seen).toEqual([]);
    });
  });

  test('a response that breaks off is not passed for a whole one', async () => {
    const other = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data(socket) {
          socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"a":1}\n\r\n');
          socket.end();
        },
      },
    });
    const env = { CODEXD_OLLAMA_URL: `http://127.0.0.1:${other.port}` };
    await using daemon = await startDaemon({ simulator: world.simulator, env });
    const body = JSON.stringify({ model: 'llama3:8b', messages });
    const reading = fetch(`${daemon.url}/api/chat`, { method: 'POST', body }).then((answer) => answer.text());
    expect(
      await reading.then(
        () => 'whole',
        () => 'cut',
      ),
    ).toBe('cut');
    await daemon.says(/upstream_broke/);
    other.stop(true);
  });
});

test('images are seen by the model', async () => {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const looked = [{ role: 'user', content: 'What is this?', images: [png] }];
  expect((await client().chat({ model, messages: looked, stream: false })).message.content).toContain(
    'image/png',
  );
  const generated = await client().generate({ model, prompt: 'What is this?', images: [png], stream: false });
  expect(generated.response).toContain('image/png');
});

test('an abort in mid stream ends the turn upstream at once', async () => {
  world.simulator.script({ text: 'word '.repeat(400), paceMs: 20 });
  const ollama = client();
  const chunks = (await ollama.chat({ model, messages, stream: true }))[Symbol.asyncIterator]();
  await chunks.next();
  await expectUpstreamAborted(world, () => ollama.abort());
  const reading = (async () => {
    while (!(await chunks.next()).done);
  })();
  expect(await reading.catch((thrown: Error) => thrown.name)).toBe('AbortError');
});
