// `codexd explain` for every route: which route it infers from a body, and its output.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { pngFor } from '../../src/simulator/png.ts';
import { codexd, type FakeOptions } from './fake.ts';

const hello = [{ role: 'user', content: 'Hi' }];
const model = 'gpt-5.5';
const image_url = `data:image/png;base64,${pngFor('a')}`;

async function explain(body: unknown, args: string[] = [], options: FakeOptions = {}) {
  const argv = ['explain', '-', '--json', ...args];
  const { exitCode, out, err } = await codexd(argv, { stdin: JSON.stringify(body), ...options });
  expect([exitCode, err]).toEqual([0, '']);
  return JSON.parse(out);
}

async function refusal(body: unknown, args: string[] = []): Promise<Failure> {
  const thrown = await explain(body, args).catch((each: unknown) => each);
  expect(thrown).toBeInstanceOf(Failure);
  return thrown as Failure;
}

describe('the route inferred from a body', () => {
  const bodies: [route: string, body: object][] = [
    ['/v1/chat/completions', { model, messages: hello }],
    ['/v1/chat/completions', { model, messages: hello, max_tokens: 5, temperature: 0 }],
    ['/v1/responses', { model, input: 'Hi' }],
    ['/v1/completions', { model, prompt: 'Once' }],
    ['/v1/completions', { model, prompt: 'Once', max_tokens: 16, echo: true }],
    ['/v1/images/generations', { prompt: 'A kite' }],
    ['/v1/images/generations', { model: 'gpt-image-2', prompt: 'A kite', n: 2 }],
    ['/v1/images/generations', { model: 'openai/gpt-image-2', prompt: 'A kite', size: '1024x1024' }],
    ['/v1/images/edits', { model: 'gpt-image-2', prompt: 'Bluer', images: [{ image_url }] }],
    ['/v1/inspect', { prompt: 'What is this?', images: [{ image_url }] }],
    ['/v1/messages', { model: 'claude-opus-5-5', max_tokens: 9, system: 'Be kind.', messages: hello }],
    [
      '/v1/messages',
      { model, max_tokens: 9, messages: hello, tools: [{ name: 'a', input_schema: { type: 'object' } }] },
    ],
    ['/api/chat', { model, messages: hello, options: { num_ctx: 8192 } }],
    ['/api/chat', { model, messages: [{ ...hello[0], images: [pngFor('a')] }] }],
    ['/api/chat', { model, messages: hello, keep_alive: '5m', think: false }],
    ['/api/generate', { model, prompt: 'Hi', system: 'Be kind.' }],
    ['/api/generate', { model, prompt: 'Hi', format: 'json' }],
    ['/api/generate', { model, prompt: 'Hi', images: [pngFor('a')] }],
  ];
  test.each(bodies)('%s: %j', async (route, body) => {
    const explained = await explain(body);
    expect(explained.route).toBe(`POST ${route}`);
    expect(explained.target).toEndWith('/codex/responses');
    expect(explained.body).toMatchObject({
      model: expect.stringMatching(/^gpt-/),
      stream: true,
      store: false,
    });
  });

  test('a body of no known API fails with advice', async () => {
    const { exitCode, advice } = await refusal({ model });
    expect(exitCode).toBe(2);
    expect(advice).toContain('--route');
  });
});

test.each(['/v1/messages', 'messages', '/messages/', '/v1/v1/messages'])('--route %s', async (path) => {
  const body = {
    model: 'claude-sonnet-99',
    max_tokens: 900,
    messages: hello,
    service_tier: 'auto',
    temperature: 0.2,
  };
  const explained = await explain(body, ['--route', path]);
  expect(explained.route).toBe('POST /v1/messages');
  expect(explained.dropped).toEqual([
    { field: 'service_tier', why: expect.any(String), hint: true },
    { field: 'temperature', why: expect.any(String) },
  ]);
});

test('an unknown model is handled as on the route', async () => {
  const unknown = { model: 'mystery', messages: hello };
  expect((await explain(unknown, ['--route', '/api/chat'])).body.model).toStartWith('gpt-');
  expect((await refusal(unknown)).code).toBe('model_not_found');
});

test('an unknown route fails and lists the routes', async () => {
  const { exitCode, advice } = await refusal({ input: 'Hi' }, ['--route', '/v1/embeddings']);
  expect(exitCode).toBe(2);
  expect(advice).toContain('/v1/images/edits');
});

test('requests that the daemon answers itself have no upstream request', async () => {
  const counted = await explain({ model, messages: hello }, ['--route', '/v1/messages/count_tokens']);
  expect(counted).toEqual({
    route: 'POST /v1/messages/count_tokens',
    note: 'codexd counts the tokens itself.',
    dropped: [],
  });
  const load = await explain({ model, messages: [], keep_alive: '5m' });
  expect(load).not.toHaveProperty('target');
  expect(load).toMatchObject({
    note: expect.stringContaining('answers this request itself'),
    dropped: [{ hint: true }],
  });
});

test('a request for a model of the Ollama server is forwarded unchanged', async () => {
  const body = { model: 'llama3:8b', messages: hello, options: {} };
  const explained = await explain(body, [], { env: { CODEXD_OLLAMA_URL: 'http://127.0.0.1:11435' } });
  expect(explained).toEqual({
    route: 'POST /api/chat',
    note: expect.stringContaining('forwards the request to the Ollama server'),
    target: 'POST http://127.0.0.1:11435/api/chat',
    body,
    dropped: [],
  });
});

test('numbers are shown exactly as sent, and calls without a result with the one they get', async () => {
  const stdin = `{"model":"${model}","input":[{"type":"function_call","call_id":"c1","name":"f","arguments":{"id":1234567890123456789}}]}`;
  const { out } = await codexd(['explain', '-', '--json'], { stdin });
  expect(out).toContain('1234567890123456789');
  const { body, dropped } = JSON.parse(out);
  expect(body.input[1]).toEqual({ type: 'function_call_output', call_id: 'c1', output: 'aborted' });
  expect(dropped).toMatchObject([{ field: 'tool call c1' }]);
});

test('several images are as many turns, a compaction has its header', async () => {
  const images = await explain({ model: 'gpt-image-2', prompt: 'A kite', n: 3 });
  expect(images.note).toContain('3 times');
  expect(images.body.tools).toMatchObject([{ type: 'image_generation', model: 'gpt-image-2' }]);
  const compaction = await explain({ model, messages: hello }, ['--route', '/v1/messages/compact']);
  expect(compaction.headers).toMatchObject({ 'x-codex-beta-features': 'remote_compaction_v2' });
  expect(compaction.body.input.at(-1)).toEqual({ type: 'compaction_trigger' });
});

test('as text: the route, the headers without the login, the body, the dropped fields', async () => {
  const stdin = JSON.stringify({ model, messages: hello, temperature: 0.2, user: 'u-1' });
  const { out } = await codexd(['explain', '-'], { stdin, env: { CODEXD_BEARER: 'secret-of-mine' } });
  expect(out).toMatch(/^POST \/v1\/chat\/completions becomes POST https:\/\/\S+\/codex\/responses\n/);
  expect(out).toContain('authorization: Bearer [redacted]');
  expect(out).toContain('"model": "gpt-5.5"');
  expect(out).toMatch(/Dropped:\n {2}temperature: .*\n {2}user: .* \(a hint\)\n$/);
  expect(out).not.toContain('secret-of-mine');
});

describe('a request that refers to stored responses', () => {
  const outputs = [{ type: 'function_call_output', call_id: 'call_1', output: 'Sunny.' }];

  test('shows its own input, and says what the daemon adds before it', async () => {
    const explained = await explain({ model, input: outputs, previous_response_id: 'resp_1' });
    expect(explained.note).toContain('conversation up to resp_1');
    expect(explained.body.input).toEqual(outputs);
    const chat = { model, messages: [{ role: 'tool', tool_call_id: 'call_1', content: 'Sunny.' }] };
    expect((await explain({ ...chat, previous_response_id: 'chatcmpl-1' })).note).toContain('resp_1');
    const references = [{ type: 'item_reference', id: 'msg_1' }, ...hello];
    expect((await explain({ model, input: references })).body.input).toHaveLength(1);
  });

  test('a result without its call is refused as ever if the request refers to nothing', async () => {
    expect(await refusal({ model, input: outputs })).toMatchObject({ param: 'input' });
  });
});
