// Tests every promise in codex-proxy's README.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { emptyHome, startCodexd } from '../cli/process.ts';
import { turnsSent } from '../clients/daemon.ts';
import { codexProxy } from './codex-proxy.ts';
import { type RunningServer, useMachine } from './machine.ts';
import { installPythonSdks, runPython } from './python.ts';
import { tryChatModels, tryRoutes, tryVariables } from './rows.ts';

const machine = useMachine();
const { simulator, run } = machine;

let daemon: RunningServer;
beforeAll(async () => {
  daemon = await machine.serve('CODEX_PROXY_API_KEY=codex-proxy codexd serve');
});
afterAll(() => daemon.stop());

describe('commands', () => {
  test.each(['codexd serve', 'codexd serve -p 9000'])('%s', async (line) => {
    const own = await machine.serve(line);
    expect((await fetch(`${own.url}/health`)).status).toBe(200);
    await own.stop();
  });

  test('codexd login opens the browser with PKCE and stores a login that can be refreshed', async () => {
    const home = emptyHome();
    const login = startCodexd(['login', '--no-browser', '--port', '0'], { home, env: machine.env });
    const [url] = await login.says('err', /https?:\/\/\S+oauth\/authorize\S+/);
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
    await fetch(url);
    expect(await login.exited).toBe(0);
    expect((await run('codexd status', { env: { HOME: home } })).exitCode).toBe(0);
  });

  test('codexd status', async () => {
    expect(await run('codexd status')).toMatchObject({ exitCode: 0, out: expect.stringMatching(/plus/i) });
  });
});

describe('variables', () => {
  tryVariables(codexProxy);

  test('HTTPS_PROXY carries the login and the turns', async () => {
    const asked: string[] = [];
    const proxy = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch(request) {
        asked.push(new URL(request.url).pathname);
        return new Response(null, { status: 502 });
      },
    });
    const env = {
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      CODEXD_UPSTREAM: 'https://upstream.invalid/backend-api',
      CODEXD_ISSUER: 'https://issuer.invalid',
    };
    for (const line of ['codexd ask hi', 'codexd login --device']) {
      const ran = await run(line, { env });
      expect(ran.err).toMatch(/proxy|127\.0\.0\.1/i);
    }
    await proxy.stop(true);
  });
});

describe('keys', () => {
  test.each<[string, Record<string, string>]>([
    ['Authorization', { authorization: 'Bearer codex-proxy' }],
    ['X-API-Key', { 'x-api-key': 'codex-proxy' }],
  ])('%s', async (_, headers) => {
    expect((await fetch(`${daemon.url}/v1/models`, { headers })).status).toBe(200);
  });

  test('everything but /health requires the key', async () => {
    expect((await fetch(`${daemon.url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${daemon.url}/health`)).status).toBe(200);
  });

  test('without the variable nothing requires a key', async () => {
    const own = await machine.serve('codexd serve');
    expect((await fetch(`${own.url}/v1/models`)).status).toBe(200);
    await own.stop();
  });

  test('other machines can call with a key', async () => {
    const own = await machine.serve('CODEX_PROXY_API_KEY=codex-proxy codexd serve --host 0.0.0.0');
    expect((await fetch(`${own.url}/health`)).status).toBe(200);
    await own.stop();
  });
});

test('curl', async () => {
  const line = `curl -sS http://localhost:8787/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer codex-proxy" \\
  -d '{"model":"gpt-5.1","messages":[{"role":"user","content":"Hello!"}],"stream":true}'`;
  const { out } = await run(line, { address: daemon.url });
  expect(out).toEndWith('data: [DONE]\n\n');
});

describe('/v1/responses', () => {
  const call = (body: object) =>
    fetch(`${daemon.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer codex-proxy' },
      body: JSON.stringify({ model: 'gpt-5.1', input: 'Hello!', ...body }),
    });
  const tool = { name: 'get_weather', parameters: { type: 'object', properties: {} } };

  test.each<[string, object]>([
    ['whole', {}],
    ['streamed', { stream: true }],
    ['max_output_tokens', { max_output_tokens: 100 }],
    ['chat-style tools', { tools: [{ type: 'function', function: tool }] }],
    [
      'chat-style tool_choice',
      {
        tools: [{ type: 'function', function: tool }],
        tool_choice: { type: 'function', function: { name: 'get_weather' } },
      },
    ],
    ['message items', { input: [{ role: 'user', content: 'Hello!' }] }],
    ['message items with parts', { input: [{ role: 'user', content: [{ type: 'text', text: 'Hello!' }] }] }],
  ])('%s', async (_, body) => {
    const answer = await call(body);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('"status":"completed"');
    expect(JSON.stringify(turnsSent(simulator)[0]!.body.input)).toContain('Hello!');
  });
});

describe('SDKs', () => {
  const python = installPythonSdks();
  const path = 'path' in python ? python.path : '';

  test.skipIf(path === '')(
    'LiteLLM completion',
    async () => {
      const ran = await runPython(
        path,
        `import litellm

response = litellm.completion(
    model="openai/gpt-5.1",
    messages=[{"role": "user", "content": "Hello!"}],
    api_base="${daemon.url}",
    api_key="codex-proxy",
    stream=True,
)
for chunk in response:
    print(chunk.choices[0].delta.content or "", end="")
`,
      );
      expect(ran).toMatchObject({ exitCode: 0, out: expect.stringContaining('Hello!') });
      expect(turnsSent(simulator)[0]!.body.model).toBe('gpt-6.2-sol');
    },
    60_000,
  );

  test.skipIf(path === '')(
    'LiteLLM responses',
    async () => {
      const ran = await runPython(
        path,
        `import litellm

response = litellm.responses(
    model="openai/gpt-5.1-codex",
    input="Hello!",
    api_base="${daemon.url}",
    api_key="codex-proxy",
    stream=True,
)
for event in response:
    print(getattr(event.type, "value", event.type))
`,
      );
      expect(ran).toMatchObject({ exitCode: 0, out: expect.stringContaining('response.completed') });
    },
    60_000,
  );

  test('aider and others, by the variables of the OpenAI API', async () => {
    const answer = await fetch(`${daemon.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer codex-proxy' },
      body: JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'Hello!' }] }),
    });
    expect(await answer.json()).toMatchObject({ model: 'gpt-5.1' });
  });
});

tryRoutes(codexProxy, machine);
tryChatModels(codexProxy, machine);
