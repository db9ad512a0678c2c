// Tests every promise in codex-as-api's README.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { pngFor } from '../../src/simulator/png.ts';
import { emptyHome } from '../cli/process.ts';
import { installClaudeCode, runClaude } from '../clients/claude-code.ts';
import { turnsSent } from '../clients/daemon.ts';
import { codexAsApi } from './codex-as-api.ts';
import { curlLines } from './curl-lines.ts';
import { loginFile, type RunningServer, useMachine } from './machine.ts';
import { installPythonSdks, runPython } from './python.ts';
import { tryChatModels, tryRoutes, tryVariables } from './rows.ts';

const machine = useMachine();
const { simulator, run } = machine;
const dataUrl = `data:image/png;base64,${pngFor('a kite')}`;

let daemon: RunningServer;
beforeAll(async () => {
  daemon = await machine.serve('CODEX_AS_API_MODEL=gpt-5.5 codexd serve');
});
afterAll(() => daemon.stop());

async function post(path: string, body: object, headers: Record<string, string> = {}, url = daemon.url) {
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

test('the default address is on loopback', async () => {
  const { out } = await run('codexd config show --json');
  const listen = JSON.parse(out).find(({ key }: { key: string }) => key === 'server.listen');
  expect(listen.value).toEqual(['127.0.0.1:8787']);
});

describe('commands', () => {
  test.each([...codexAsApi.commands])('$now', async ({ now }) => {
    const own = await machine.serve(now);
    expect((await fetch(`${own.url}/health`)).status).toBe(200);
    await own.stop();
  });
});

describe('variables', () => {
  tryVariables(codexAsApi);

  test('CODEX_HOME contains auth.json and config.toml, of which three settings apply', async () => {
    const codexHome = join(emptyHome(), 'codex');
    mkdirSync(codexHome);
    writeFileSync(join(codexHome, 'auth.json'), loginFile(simulator.login()));
    writeFileSync(
      join(codexHome, 'config.toml'),
      'model = "gpt-5.5"\nmodel_context_window = 200000\nmodel_auto_compact_token_limit = 160000\n',
    );
    const own = await machine.serve('codexd serve', { CODEX_HOME: codexHome });
    expect(await (await fetch(`${own.url}/health`)).json()).toMatchObject({
      status: 'ok',
      auth_available: true,
      model: 'gpt-5.5',
      codex_config_path: join(codexHome, 'config.toml'),
      context_window: 200_000,
      auto_compact_token_limit: 160_000,
    });
    const counted = await post(
      '/v1/messages/count_tokens',
      { model: 'claude-sonnet-4-6', messages: [{ role: 'user', content: 'Hello!' }] },
      {},
      own.url,
    );
    expect(JSON.parse(counted.text)).toMatchObject({
      input_tokens: expect.any(Number),
      context_window: 200_000,
      auto_compact_token_limit: 160_000,
    });
    await own.stop();
  });

  test('CODEX_AS_API_MODEL is the model behind every Claude name, and beats config.toml', async () => {
    for (const model of ['claude-sonnet-4-6', 'claude-haiku-4-5', 'claude-opus-5']) {
      const body = { model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };
      const answer = await post('/v1/messages', body);
      expect([answer.status, answer.headers.get('x-codexd-model')]).toEqual([200, 'gpt-5.5']);
      expect(JSON.parse(answer.text)).toMatchObject({ model });
    }
  });
});

describe('curl', () => {
  test.each(curlLines(dataUrl))('$what', async ({ line, answer }) => {
    const ran = await run(line.replace('curl', 'curl -sS --fail-with-body'), { address: daemon.url });
    expect(ran).toMatchObject({ exitCode: 0, err: '' });
    expect(ran.out).toContain(answer);
  });

  test('the extensions reach the upstream', async () => {
    for (const { line } of curlLines(dataUrl).filter(({ what }) => /subagent|memory|cache_key/.test(what))) {
      await run(line.replace('curl', 'curl -sS'), { address: daemon.url });
    }
    const [cached, body, header, memory] = turnsSent(simulator);
    expect(cached!.body.prompt_cache_key).toBe('session-abc-123');
    expect(body!.headers['x-openai-subagent']).toBe('review');
    expect(header!.headers['x-openai-subagent']).toBe('review');
    expect(memory!.headers['x-openai-memgen-request']).toBe('true');
  });
});

describe('chat', () => {
  const messages = [{ role: 'user', content: 'Hello' }];

  test('previous_response_id continues a stored completion', async () => {
    simulator.script({ text: 'Hi there.' }, { text: 'Gladly.' });
    const first = await post('/v1/chat/completions', { model: 'gpt-5.5', messages, store: true });
    const { id } = JSON.parse(first.text) as { id: string };
    const more = [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'Continue from where we left off.' },
    ];
    await post('/v1/chat/completions', { model: 'gpt-5.5', messages: more, previous_response_id: id });
    const { input } = turnsSent(simulator)[1]!.body;
    expect(input.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(JSON.stringify(input)).toContain('Hi there.');
  });

  test.each(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])('reasoning_effort %s', async (effort) => {
    const body = { model: 'gpt-5.5', messages, reasoning_effort: effort };
    expect((await post('/v1/chat/completions', body)).status).toBe(200);
  });

  test.each(['review', 'compact', 'memory_consolidation', 'collab_spawn'])(
    'subagent %s',
    async (subagent) => {
      await post('/v1/chat/completions', { model: 'gpt-5.5', messages, subagent });
      expect(turnsSent(simulator)[0]!.headers['x-openai-subagent']).toBe(subagent);
    },
  );

  test('reasoning streams as reasoning_content and reasoning; usage is passed through', async () => {
    simulator.script({ reasoning: ['Look first.'], text: 'A plover.' });
    const options = { include_usage: true };
    const { text } = await post('/v1/chat/completions', {
      model: 'gpt-5.5',
      messages,
      stream: true,
      stream_options: options,
    });
    expect(text).toMatch(/"delta":\{"reasoning_content":"Look\b[^"]*","reasoning":"Look\b/);
    expect(text).toMatch(/"prompt_tokens_details":\{[^}]*"cached_tokens":\d+/);
  });

  test('parallel tool calls come back, and results with images go up', async () => {
    simulator.script(
      {
        calls: [
          { name: 'look', arguments: '{"at":"a"}' },
          { name: 'look', arguments: '{"at":"b"}' },
        ],
      },
      { text: 'Seen.' },
    );
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
    const first = await post('/v1/chat/completions', { model: 'gpt-5.5', messages, tools });
    const { message } = JSON.parse(first.text).choices[0];
    expect(message.tool_calls).toHaveLength(2);
    const results = message.tool_calls.map(({ id }: { id: string }) => ({
      role: 'tool',
      tool_call_id: id,
      content: [{ type: 'image_url', image_url: { url: dataUrl } }],
    }));
    const next = [...messages, message, ...results];
    expect((await post('/v1/chat/completions', { model: 'gpt-5.5', messages: next, tools })).status).toBe(
      200,
    );
    expect(JSON.stringify(turnsSent(simulator)[1]!.body.input)).toContain(dataUrl);
  });
});

describe('Anthropic', () => {
  test('max_tokens is not sent upstream', async () => {
    await post('/v1/messages', {
      model: 'claude-sonnet-4-6',
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Hello!' }],
    });
    expect(turnsSent(simulator)[0]!.body).not.toHaveProperty('max_output_tokens');
  });

  test.each([false, true])('a full context window is Anthropic’s 400 (stream: %p)', async (stream) => {
    simulator.script({ refusal: 'context_length_exceeded' });
    const { status, text } = await post('/v1/messages', {
      model: 'claude-sonnet-4-6',
      max_tokens: 200,
      stream,
      messages: [{ role: 'user', content: 'Hello!' }],
    });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  test('thinking streams before the text', async () => {
    simulator.script({ reasoning: ['Look first.'], text: 'A plover.' });
    const { text } = await post('/v1/messages', {
      model: 'claude-sonnet-4-6',
      max_tokens: 2000,
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages: [{ role: 'user', content: 'Which bird?' }],
    });
    expect(text.indexOf('thinking_delta')).toBeGreaterThan(0);
    expect(text.indexOf('thinking_delta')).toBeLessThan(text.indexOf('text_delta'));
    expect(text).toMatch(/event: message_delta\ndata: .*"usage":\{.*"output_tokens":\d+/);
  });

  test('/v1/messages/compact returns a checkpoint that the next request continues from', async () => {
    const compacted = await post('/v1/messages/compact', {
      model: 'claude-sonnet-4-6',
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Hello!' }],
    });
    expect([compacted.status, JSON.parse(compacted.text)]).toEqual([200, expect.any(Object)]);
  });

  const claude = installClaudeCode();
  if ('why' in claude) console.log(`Claude Code is skipped: ${claude.why}.`);
  test.skipIf('why' in claude)(
    'Claude Code with two variables',
    async () => {
      simulator.script({ text: 'Hello from Codex.' });
      const none = Object.fromEntries(
        ['AUTH_TOKEN', 'MODEL', 'DEFAULT_HAIKU_MODEL'].map((name) => [`ANTHROPIC_${name}`, '']),
      );
      const { result } = await runClaude('path' in claude ? claude.path : '', daemon.url, 'hi', {
        env: { ...none, ANTHROPIC_API_KEY: 'unused', CLAUDE_CODE_MAX_CONTEXT_TOKENS: '' },
      });
      expect(result).toMatchObject({ is_error: false, result: 'Hello from Codex.' });
      expect(turnsSent(simulator).map(({ body }) => body.model)).toEqual(['gpt-5.5']);
    },
    60_000,
  );
});

describe('SDKs', () => {
  const messages = [
    { role: 'system' as const, content: 'You are a helpful assistant.' },
    { role: 'user' as const, content: 'Hello!' },
  ];

  test('OpenAI for Node', async () => {
    const client = new OpenAI({ baseURL: `${daemon.url}/v1`, apiKey: 'unused' });
    const response = await client.chat.completions.create({ model: 'gpt-5.5', messages });
    expect(response.choices[0]!.message.content).toContain('Hello!');
  });

  const python = installPythonSdks();
  test.skipIf('why' in python)(
    'OpenAI for Python',
    async () => {
      const program = `from openai import OpenAI

client = OpenAI(
    base_url="${daemon.url}/v1",
    api_key="unused",
)

response = client.chat.completions.create(
    model="gpt-5.5",
    messages=[
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "Hello!"},
    ],
    extra_body={"prompt_cache_key": "my-session"},
)
print(response.choices[0].message.content)
`;
      const ran = await runPython('path' in python ? python.path : '', program);
      expect(ran).toEqual({ exitCode: 0, out: expect.stringContaining('Hello!'), err: '' });
      expect(turnsSent(simulator)[0]!.body.prompt_cache_key).toBe('my-session');
    },
    60_000,
  );
});

test('a 401 upstream refreshes the token once, and the turn is sent again', async () => {
  simulator.script({ status: 401, body: '{}' }, { text: 'Well.' });
  const body = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }] };
  expect((await post('/v1/chat/completions', body)).status).toBe(200);
});

tryRoutes(codexAsApi, machine);
tryChatModels(codexAsApi, machine);
