// Ollama's own client against the daemon (issue 4), and what other clients of that API look at.
import { describe, expect, test } from 'bun:test';
import { Ollama } from 'ollama';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { startDaemon, thrownBy, turnsSent, worldOfThisFile } from './daemon.ts';

const world = worldOfThisFile();
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

  test.each([true, false])(
    'traps 10 to 12: durations are nanoseconds of a real clock (stream: %p)',
    async (stream) => {
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
    },
  );

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

  test('traps 33 and 34: a load request asks nobody', async () => {
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

test('field note 32: list, show, ps, version', async () => {
  const { models } = await client().list();
  expect(models.map(({ name }) => name)).toContain(model);
  for (const name of ['gpt-5.5', model, 'GPT-5.5', 'library/gpt-5.5']) {
    const shown = await client().show({ model: name });
    expect(shown.capabilities).toContain('tools');
    expect(shown.model_info as unknown).toHaveProperty(['gpt.context_length']);
  }
  expect((await client().ps()).models).toEqual([]);
  expect((await client().version()).version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('traps 29 and 30: the greeting is for Ollama’s clients, the card for all others', async () => {
  const at = (userAgent: string, method = 'GET') =>
    fetch(world.daemon.url, { method, headers: { 'user-agent': userAgent } });
  expect(await (await at('ollama-python/0.6.0 (x86_64 linux)')).text()).toBe('Ollama is running');
  expect((await at('ollama/0.33.0 (amd64 linux) Go/go1.25', 'HEAD')).status).toBe(200);
  expect(await (await at('Mozilla/5.0')).json()).toMatchObject({ name: 'codexd' });
});

const refused: [string, string, object, number, string][] = [
  ['an unknown model', '/api/show', { model: 'foo' }, 404, "model 'foo' not found"],
  ['no model', '/api/show', {}, 400, 'model is required'],
  [
    'trap 47, field note 33: embeddings',
    '/api/embed',
    { model, input: 'x' },
    400,
    'does not support embeddings',
  ],
  ['trap 45: pulling what is not there', '/api/pull', { model: 'foo' }, 404, "model 'foo' not found"],
  ['creating', '/api/create', { model: 'foo' }, 400, 'does not store models'],
  ['trap 54: an unknown route', '/api/nonsense', {}, 404, 'There is no POST /api/nonsense'],
  ['a bad field', '/api/chat', { model, messages: 5 }, 400, 'messages must be an array'],
];
test.each(refused)('trap 17: %s is refused in one text', async (_, path, body, status, words) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(words) });
});

test('traps 45 and 46: pulling a model of ours succeeds, deleting it does not', async () => {
  expect(await client().pull({ model, stream: false })).toMatchObject({ status: 'success' });
  const statuses: string[] = [];
  for await (const { status } of await client().pull({ model, stream: true })) statuses.push(status);
  expect(statuses.at(-1)).toBe('success');
  expect((await post('/api/delete', { model }, 'DELETE')).status).toBe(403);
});

test('ollama.url: a model of somebody else goes there as it came, and only then', async () => {
  const seen: { path: string; body: string; authorization: string | null }[] = [];
  using other = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const authorization = request.headers.get('authorization');
      seen.push({ path: new URL(request.url).pathname, body: await request.text(), authorization });
      return new Response('{"a":1}\n{"done":true}\n', {
        headers: { 'content-type': 'application/x-ndjson' },
      });
    },
  });
  const simulator = startSimulator();
  const home = { CODEXD_OLLAMA_URL: `http://127.0.0.1:${other.port}` };
  await using daemon = await startDaemon({ simulator, env: home });
  const ask = (name: string) => {
    const body = JSON.stringify({ model: name, messages, stream: false });
    const headers = { authorization: 'Bearer mine' };
    return fetch(`${daemon.url}/api/chat`, { method: 'POST', headers, body });
  };
  const answer = await ask('llama3:8b');
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  expect(await answer.text()).toBe('{"a":1}\n{"done":true}\n');
  expect(await (await ask('gpt-5.5')).json()).toMatchObject({ model: 'gpt-5.5', done: true });
  expect(seen).toEqual([
    { path: '/api/chat', body: expect.stringContaining('"llama3:8b"'), authorization: null },
  ] as never);
  await simulator.stop();
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

test('field note 41, trap 52: an abort in mid stream reaches the upstream within 100 ms', async () => {
  world.simulator.script({ text: 'word '.repeat(400), paceMs: 20 });
  const ollama = client();
  let leftAtMs = 0;
  const reading = (async () => {
    for await (const _ of await ollama.chat({ model, messages, stream: true })) {
      leftAtMs ||= Date.now();
      ollama.abort();
    }
  })();
  expect(await reading.catch((thrown: Error) => thrown.name)).toBe('AbortError');
  const turn = await world.simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
  expect(turn.abortedAtMs! - leftAtMs).toBeLessThan(100);
});

test('ollama-api 12: what `ollama run` asks, in its order and with its headers, is answered as it expects', async () => {
  const headers = {
    'user-agent': 'ollama/0.33.0 (amd64 linux) Go/go1.26.0',
    accept: 'application/x-ndjson',
    'content-type': 'application/json',
  };
  const ask = (method: string, path: string, body?: object) =>
    fetch(world.daemon.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const alive = await ask('HEAD', '/');
  expect([alive.status, await alive.text()]).toEqual([200, '']);
  const show = await ask('POST', '/api/show', {
    model: 'gpt-5.5',
    system: '',
    template: '',
    verbose: false,
    options: null,
  });
  expect(await show.json()).toMatchObject({
    capabilities: expect.arrayContaining(['completion', 'tools', 'vision', 'thinking']),
  });
  expect(turnsSent(world.simulator)).toEqual([]);
  const load = await ask('POST', '/api/generate', {
    model: 'gpt-5.5',
    prompt: '',
    suffix: '',
    system: '',
    template: '',
    options: null,
  });
  const loaded = (await load.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(loaded.at(-1)).toMatchObject({ done: true, done_reason: 'load' });
  expect(turnsSent(world.simulator)).toEqual([]);
  const chat = await ask('POST', '/api/chat', {
    model: 'gpt-5.5',
    messages: [{ role: 'user', content: 'Say plover.' }],
    format: '',
    options: {},
    think: null,
  });
  expect(chat.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = (await chat.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => line.message.content).join('')).toContain('plover');
  expect(lines.filter((line) => line.done)).toHaveLength(1);
  expect(Date.parse(lines.at(-1).created_at)).toBeGreaterThan(0);
});
