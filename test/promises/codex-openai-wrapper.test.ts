// Tests every promise in codex-openai-wrapper's README.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import type { Tokens } from '../../src/simulator/simulator.ts';
import { emptyHome } from '../cli/process.ts';
import { turnsSent } from '../clients/daemon.ts';
import { codexOpenaiWrapper } from './codex-openai-wrapper.ts';
import { type RunningServer, useMachine } from './machine.ts';
import { installPythonSdks, runPython } from './python.ts';
import { tryRoutes, tryVariables } from './rows.ts';

const machine = useMachine();
const { simulator, run } = machine;
const key = 'sk-your-secret-api-key-here';
const authorization = `Bearer ${key}`;

let daemon: RunningServer;
beforeAll(async () => {
  daemon = await machine.serve(`CODEXD_API_KEY=${key} codexd serve`, { REASONING_COMPAT: 'think-tags' });
});
afterAll(() => daemon.stop());

async function send(method: string, path: string, body?: object, url = daemon.url) {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

describe('commands', () => {
  test.each([...codexOpenaiWrapper.commands])('$now', async ({ now }) => {
    const own = await machine.serve(now);
    expect((await fetch(`${own.url}/health`)).status).toBe(200);
    await own.stop();
  });
});

/** The credentials as in the README, in the format of older Codex versions. */
function asDocumented({ id_token, access_token, refresh_token }: Tokens): string {
  const tokens = { id_token, access_token, refresh_token };
  return JSON.stringify({ tokens, last_refresh: '2024-01-15T10:30:00.000Z' });
}

describe('variables', () => {
  tryVariables(codexOpenaiWrapper);

  test.each(['standard', 'think-tags'])('REASONING_COMPAT=%s', async (style) => {
    expect((await run('codexd config check', { env: { REASONING_COMPAT: style } })).exitCode).toBe(0);
  });

  test.each(['minimal', 'low', 'medium', 'high'])('REASONING_EFFORT=%s', async (effort) => {
    expect((await run('codexd config check', { env: { REASONING_EFFORT: effort } })).exitCode).toBe(0);
  });

  test.each([
    ['auto', 'auto'],
    ['on', 'auto'],
    ['off', undefined],
  ])('REASONING_SUMMARY=%s', async (summary, sent) => {
    const own = await machine.serve('codexd serve', { REASONING_SUMMARY: summary });
    await send('POST', '/v1/chat/completions', { model: 'gpt-4', messages }, own.url);
    const [turn] = turnsSent(simulator);
    expect((turn!.body.reasoning as { summary?: string }).summary).toBe(sent);
    await own.stop();
  });

  const tokens = () => simulator.login();
  test.each<[string, () => Record<string, string>]>([
    ['CHATGPT_ACCESS_TOKEN', () => ({ CHATGPT_ACCESS_TOKEN: tokens().access_token })],
    ['OPENAI_CODEX_AUTH', () => ({ OPENAI_CODEX_AUTH: asDocumented(tokens()) })],
  ])('%s is a login', async (_, variables) => {
    const own = await machine.serve('codexd serve', { ...variables(), HOME: emptyHome() });
    expect(await (await fetch(`${own.url}/health`)).json()).toMatchObject({ auth_available: true });
    expect((await send('POST', '/v1/chat/completions', { model: 'gpt-4', messages }, own.url)).status).toBe(
      200,
    );
    await own.stop();
  });

  test('OPENAI_CODEX_AUTH is refreshed when it has expired', async () => {
    const expired = simulator.login({ expiresInS: -60 });
    const own = await machine.serve('codexd serve', {
      OPENAI_CODEX_AUTH: asDocumented(expired),
      HOME: emptyHome(),
    });
    expect((await send('POST', '/v1/chat/completions', { model: 'gpt-4', messages }, own.url)).status).toBe(
      200,
    );
    expect(turnsSent(simulator)[0]!.headers.authorization).not.toBe(`Bearer ${expired.access_token}`);
    await own.stop();
  });

  test('DEBUG_MODEL overrides the model of every request', async () => {
    const own = await machine.serve('codexd serve', { DEBUG_MODEL: 'gpt-5.5' });
    for (const model of ['gpt-6.2-sol', 'gpt-4o-mini', 'claude-haiku-4-5']) {
      await send('POST', '/v1/chat/completions', { model, messages }, own.url);
    }
    expect(turnsSent(simulator).map(({ body }) => body.model)).toEqual(['gpt-5.5', 'gpt-5.5', 'gpt-5.5']);
    await own.stop();
  });
});

const messages = [{ role: 'user', content: 'Explain quantum computing in simple terms' }];

describe('keys', () => {
  test.each(['GET /', 'GET /health'])('%s needs no key', async (route) => {
    expect((await fetch(daemon.url + route.slice(4))).status).toBe(200);
  });

  test.each([
    'POST /v1/chat/completions',
    'GET /v1/models',
    'POST /api/chat',
    'GET /api/tags',
    'POST /debug/auth',
  ])('%s needs one', async (route) => {
    const [method, path] = route.split(' ');
    expect((await fetch(daemon.url + path, { method: method! })).status).toBe(401);
  });
});

describe('OpenAI', () => {
  test('chat streams', async () => {
    const body = {
      model: 'gpt-4',
      messages: [{ role: 'system', content: 'You are a helpful assistant.' }, ...messages],
      stream: true,
    };
    const { status, text } = await send('POST', '/v1/chat/completions', body);
    expect(status).toBe(200);
    expect(text).toContain('"object":"chat.completion.chunk"');
    expect(text).toEndWith('data: [DONE]\n\n');
  });

  test.each(['minimal', 'medium', 'high'])('reasoning {effort: %s, summary}', async (effort) => {
    for (const summary of ['auto', 'on', 'off']) {
      const body = { model: 'gpt-4', messages, reasoning: { effort, summary } };
      expect((await send('POST', '/v1/chat/completions', body)).status).toBe(200);
    }
    const asked = turnsSent(simulator).map(({ body }) => (body.reasoning as { summary?: string }).summary);
    expect(asked).toEqual(['auto', 'auto', undefined]);
  });

  test('reasoning is in think tags', async () => {
    simulator.script({ reasoning: ['Step by step.'], text: 'So it is.' });
    const { text } = await send('POST', '/v1/chat/completions', { model: 'gpt-4', messages });
    expect(JSON.parse(text).choices[0].message.content).toMatch(
      /^<think>[\s\S]*Step by step\.[\s\S]*<\/think>[\s\S]*So it is\.$/,
    );
  });

  test('legacy completions', async () => {
    const body = {
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'Write a Python function to calculate fibonacci numbers:',
      max_tokens: 150,
    };
    const whole = await send('POST', '/v1/completions', body);
    expect([whole.status, JSON.parse(whole.text).object]).toEqual([200, 'text_completion']);
    const stream = await send('POST', '/v1/completions', { ...body, stream: true });
    expect(stream.text).toEndWith('data: [DONE]\n\n');
  });

  test('models are a list of objects, and gpt-4 works', async () => {
    const { text } = await send('GET', '/v1/models');
    const list = JSON.parse(text);
    expect(list.object).toBe('list');
    expect(list.data[0]).toMatchObject({
      id: expect.any(String),
      object: 'model',
      created: expect.any(Number),
      owned_by: expect.any(String),
    });
    expect(JSON.parse((await send('GET', '/v1/models/gpt-4')).text)).toMatchObject({ id: 'gpt-4' });
  });

  const weather = {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Get current weather information for a location',
      parameters: {
        type: 'object',
        properties: {
          location: { type: 'string', description: 'City name' },
          unit: { type: 'string', enum: ['celsius', 'fahrenheit'], description: 'Temperature unit' },
        },
        required: ['location'],
      },
    },
  };
  test.each<[string | object, unknown]>([
    ['auto', 'auto'],
    ['none', 'none'],
    [
      { type: 'function', function: { name: 'get_weather' } },
      { type: 'function', name: 'get_weather' },
    ],
  ])('tool_choice %j', async (tool_choice, sent) => {
    const body = { model: 'gpt-4', messages, tools: [weather], tool_choice };
    expect((await send('POST', '/v1/chat/completions', body)).status).toBe(200);
    expect(turnsSent(simulator)[0]!.body.tool_choice).toEqual(sent);
  });
});

describe('Ollama', () => {
  test('chat streams', async () => {
    const body = { model: 'llama2', messages: [{ role: 'user', content: 'Hello!' }], stream: true };
    const { status, text } = await send('POST', '/api/chat', body);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([status, lines.at(-1)]).toEqual([200, expect.objectContaining({ model: 'llama2', done: true })]);
  });

  test('tags and show', async () => {
    expect(JSON.parse((await send('GET', '/api/tags')).text).models.length).toBeGreaterThan(5);
    const shown = await send('POST', '/api/show', { name: 'llama2' });
    expect([shown.status, JSON.parse(shown.text)]).toEqual([
      200,
      expect.objectContaining({ details: expect.any(Object) }),
    ]);
  });
});

test('GET / lists all APIs, including Ollama’s', async () => {
  const card = await (await fetch(daemon.url)).json();
  for (const path of ['/v1/chat/completions', '/v1/messages', '/api/chat', '/v1/audio/transcriptions']) {
    expect((card as { apis: string[] }).apis).toContain(path);
  }
});

test('configured origins are allowed', async () => {
  const origin = 'https://chat.example.com';
  const own = await machine.serve('codexd serve', { CODEXD_SERVER_CORS_ORIGINS: origin });
  const allowed = await fetch(`${own.url}/v1/models`, { headers: { origin } });
  expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
  const other = await fetch(`${own.url}/v1/models`, { headers: { origin: 'https://other.example.com' } });
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
  await own.stop();
});

test('an upstream failure is retried before the client sees it', async () => {
  simulator.script({ status: 503, body: { detail: 'Busy.' } }, { text: 'Well.' });
  const { status, text } = await send('POST', '/v1/chat/completions', { model: 'gpt-4', messages });
  expect([status, text]).toEqual([200, expect.stringContaining('Well.')]);
});

describe('debug', () => {
  test.each(['auth', 'refresh'])('/debug/%s shows the login’s state, and no token', async (name) => {
    const line = `curl -sS -X POST https://your-worker.workers.dev/debug/${name} \\
  -H "Authorization: Bearer sk-your-secret-api-key-here"`;
    const { out } = await run(line, { address: daemon.url });
    expect(JSON.parse(out)).toMatchObject({ auth_available: true });
    expect(out).not.toMatch(/eyJ|rt\./);
  });
});

describe('curl', () => {
  test.each([
    `curl -X POST https://your-worker.workers.dev/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer sk-your-secret-api-key-here" \\
  -d '{
    "model": "gpt-4",
    "messages": [
      {"role": "user", "content": "Explain machine learning"}
    ]
  }'`,
    `curl -X POST https://your-worker.workers.dev/api/chat \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer sk-your-secret-api-key-here" \\
  -d '{
    "model": "llama2",
    "messages": [
      {"role": "user", "content": "Hello world!"}
    ]
  }'`,
  ])('%s', async (line) => {
    const ran = await run(line.replace('curl', 'curl -sS --fail-with-body'), { address: daemon.url });
    expect(ran).toMatchObject({ exitCode: 0, out: expect.stringContaining('"role":"assistant"') });
  });
});

describe('SDKs', () => {
  test('OpenAI for Node streams', async () => {
    const openai = new OpenAI({ baseURL: `${daemon.url}/v1`, apiKey: key });
    const stream = await openai.chat.completions.create({
      model: 'gpt-4',
      messages: [{ role: 'user', content: 'Explain async/await in JavaScript' }],
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content || '';
    expect(text).toContain('Explain async/await in JavaScript');
  });

  const python = installPythonSdks();
  const path = 'path' in python ? python.path : '';
  test.skipIf(path === '')(
    'OpenAI for Python streams, with reasoning',
    async () => {
      const ran = await runPython(
        path,
        `from openai import OpenAI

# Initialize with your worker endpoint
client = OpenAI(
    base_url="${daemon.url}/v1",
    api_key="sk-your-secret-api-key-here"
)

# Chat completion with reasoning
response = client.chat.completions.create(
    model="gpt-4",
    messages=[
        {"role": "system", "content": "You are a helpful coding assistant."},
        {"role": "user", "content": "Write a binary search algorithm in Python"}
    ],
    extra_body={
        "reasoning": {
            "effort": "high",
            "summary": "on"
        }
    },
    stream=True
)

for chunk in response:
    if chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="")
`,
      );
      expect(ran).toEqual({ exitCode: 0, out: expect.stringContaining('binary search'), err: '' });
    },
    60_000,
  );

  test.skipIf(path === '')(
    'LiteLLM completion',
    async () => {
      const ran = await runPython(
        path,
        `import litellm

# Configure LiteLLM to use your worker
litellm.api_base = "${daemon.url}/v1"
litellm.api_key = "sk-your-secret-api-key-here"

# Use with reasoning capabilities
response = litellm.completion(
    model="gpt-4",
    messages=[
        {"role": "user", "content": "Solve this step by step: What is 15 * 24?"}
    ],
    extra_body={
        "reasoning": {
            "effort": "medium",
            "summary": "auto"
        }
    },
    stream=True
)

for chunk in response:
    if chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="")
`,
      );
      expect(ran).toMatchObject({ exitCode: 0, out: expect.stringContaining('15 * 24') });
      expect(turnsSent(simulator)[0]!.body.reasoning).toMatchObject({ effort: 'medium', summary: 'auto' });
    },
    60_000,
  );
});

tryRoutes(codexOpenaiWrapper, machine);
