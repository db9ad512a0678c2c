// A marked token, key, prompt, call and image go through every failure path, and appear in no log line (at level debug)
// and in no error.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { refusals } from '../../src/simulator/refusal.ts';
import type { ScriptedTurn } from '../../src/simulator/simulator.ts';
import { useSimulator } from '../support/simulator.ts';
import { type RunningDaemon, startDaemon } from './daemon.ts';
import { bodies, call, chat, key, picture, prompt, responses, Secrets, send } from './leaks-support.ts';

const simulator = useSimulator();
const secrets = new Secrets(simulator);
const login = secrets.login();
let daemon: RunningDaemon;

beforeAll(async () => {
  daemon = await startDaemon({
    simulator,
    args: ['--log-level', 'debug', '--api-key', key, '--auth-file', login.path],
    env: { CODEXD_UPSTREAM_RETRIES: '0' },
  });
});
afterAll(async () => {
  expect(await daemon.stop()).toBe(0);
});

/** Provokes the failure on each route; every response must be an error without secrets. */
async function failsQuietly(line: ScriptedTurn): Promise<void> {
  for (const [path, body] of bodies) {
    simulator.script(line);
    const answer = await send(daemon, path, body);
    expect(simulator.unused()).toEqual([]);
    expect(answer.status >= 400 || /"error":\s*\{/.test(answer.text)).toBe(true);
    expect(secrets.in(answer.text + answer.headers)).toEqual([]);
  }
  expect(secrets.in(daemon.stderr())).toEqual([]);
}

/** The errors of a stream; the answer before them may contain anything. */
function errorsIn(stream: string): string {
  const errors = stream.match(/"error":\s*\{[^}]*\}/g) ?? [];
  expect(errors.length).toBeGreaterThan(0);
  return errors.join('\n');
}

describe('what the upstream refuses', () => {
  // Without those of the login server, those that cause a refresh, and the limit that is remembered.
  const others = /^refresh_|^token_|^unauthorized$|^invalid_grant$|^usage_limit_reached$/;
  const names = Object.keys(refusals).filter((name) => !others.test(name));
  test.each(names)('%s', async (refusal) => {
    await failsQuietly({ refusal: refusal as keyof typeof refusals });
  });

  const lent = secrets.personalToken();
  // The client's key is never sent upstream, so no response can quote it.
  const quoting = [
    lent,
    login.refresh_token,
    `The token ${login.access_token} is not valid.`,
    `Authorization: Bearer ${login.access_token}`,
    `{"refresh_token":"${login.refresh_token}"}`,
  ];
  const shapes: [string, (text: string) => ScriptedTurn][] = [
    ['a detail', (text) => ({ status: 400, body: { detail: text } })],
    [
      'an error object',
      (text) => ({ status: 403, body: { error: { message: text, code: text, type: text, param: text } } }),
    ],
    ['a bare error', (text) => ({ status: 404, body: { error: text } })],
    ['a server error', (text) => ({ status: 500, body: { error: { message: text } } })],
    ['a web page', (text) => ({ status: 502, body: `<html>${text}</html>` })],
    [
      'a rate limit',
      (text) => ({ status: 429, body: { error: { message: text, code: 'rate_limit_exceeded' } } }),
    ],
    [
      'an overload',
      (text) => ({ status: 503, body: { error: { message: text } }, headers: { 'x-echo': text } }),
    ],
    [
      'an event',
      (text) => ({
        events: [created, { type: 'error', error: { type: text, code: text, message: text, param: text } }],
      }),
    ],
    [
      'a failed response',
      (text) => ({
        events: [
          created,
          {
            type: 'response.failed',
            response: { ...response, status: 'failed', error: { code: 'x', message: text } },
          },
        ],
      }),
    ],
    ['a stream that is no JSON', (text) => ({ sse: `event: response.created\ndata: {"type": ${text}\n\n` })],
    ['a stream that is no event', (text) => ({ sse: `data: "${text.replaceAll('"', '')}"\n\n` })],
    ['something else than a stream', (text) => ({ status: 200, body: text })],
  ];
  test.each(shapes)('tokens quoted in %s', async (_, shape) => {
    for (const text of quoting) await failsQuietly(shape(text));
  });

  test.each(shapes)('a prompt quoted in %s is in no log line', async (_, shape) => {
    for (const [path, body] of bodies) {
      simulator.script(shape(`Your prompt was: ${prompt} ${call} ${picture}`));
      await send(daemon, path, body);
    }
    expect(secrets.in(daemon.stderr())).toEqual([]);
  });

  test('the client’s key is not sent upstream, where it could be quoted', async () => {
    for (const [path, body] of bodies) await send(daemon, path, body, { 'x-api-key': key, 'api-key': key });
    expect(JSON.stringify(simulator.requests)).not.toContain(key);
  });
});

const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'gpt-5.5', output: [] };
const created = { type: 'response.created', response: { ...response, status: 'in_progress' } };

describe('what breaks', () => {
  test.each<[string, ScriptedTurn]>([
    ['a reset before the head', { fault: 'reset' }],
    ['a challenge', { fault: 'challenge' }],
    [
      'a cut in the middle of an event that quotes the prompt',
      { text: prompt.repeat(200), cutAfterBytes: 12_000, paceMs: 1 },
    ],
  ])('%s', async (_, line) => {
    for (const [path, body] of bodies) {
      simulator.script(line);
      const { text } = await send(daemon, path, body);
      expect(secrets.in(errorsIn(text))).toEqual([]);
    }
    expect(secrets.in(daemon.stderr())).toEqual([]);
  });

  test('a client that leaves', async () => {
    simulator.script({ text: prompt.repeat(500), paceMs: 2 });
    const leaving = new AbortController();
    const answer = await fetch(`${daemon.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ ...chat, stream: true }),
      signal: leaving.signal,
    });
    await answer.body!.getReader().read();
    leaving.abort();
    await daemon.says(/failure=cancelled/);
    expect(secrets.in(daemon.stderr())).toEqual([]);
  });
});

describe('what a client gets wrong', () => {
  const text = `${prompt} ${call}`;
  const name = 'nobody-knows';
  const image = `data:image/png;base64,${picture}`;
  const wrong: [string, object | string][] = [
    ['/v1/chat/completions', `{"model": "gpt-5.5", "messages": "${text}`],
    ['/v1/chat/completions', text],
    ['/v1/chat/completions', { ...chat, messages: text }],
    ['/v1/chat/completions', { ...chat, messages: [text] }],
    ['/v1/chat/completions', { ...chat, messages: [{ role: name, content: text }] }],
    ['/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: { text } }] }],
    ['/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: [{ type: name, text }] }] }],
    [
      '/v1/chat/completions',
      { ...chat, messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: text } }] }] },
    ],
    [
      '/v1/chat/completions',
      {
        ...chat,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: picture } }] }],
      },
    ],
    [
      '/v1/chat/completions',
      {
        ...chat,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { file_id: image } }] }],
      },
    ],
    ['/v1/chat/completions', { ...chat, messages: [{ role: 'tool', tool_call_id: name, content: text }] }],
    [
      '/v1/chat/completions',
      { ...chat, tools: [{ type: name, function: { name: text, description: text } }] },
    ],
    ['/v1/chat/completions', { ...chat, tool_choice: { type: name, text } }],
    ['/v1/chat/completions', { ...chat, reasoning_effort: { text } }],
    ['/v1/chat/completions', { ...chat, response_format: { type: name, text } }],
    ['/v1/chat/completions', { ...chat, stop: [text, text, text, text, text] }],
    ['/v1/chat/completions', { ...chat, n: text }],
    ['/v1/chat/completions', { ...chat, stream: text }],
    ['/v1/chat/completions', { ...chat, prompt_cache_key: { text } }],
    ['/v1/responses', { ...responses, input: { text } }],
    ['/v1/responses', { ...responses, input: [{ type: name, text }] }],
    ['/v1/responses', { ...responses, input: [{ role: name, content: text }] }],
    ['/v1/responses', { ...responses, input: [{ role: 'user', content: [{ type: name, text }] }] }],
    [
      '/v1/responses',
      { ...responses, input: [{ type: 'function_call_output', call_id: name, output: text }] },
    ],
    ['/v1/responses', { ...responses, instructions: [text] }],
    ['/v1/responses', { ...responses, previous_response_id: name }],
    ['/v1/responses', { ...responses, text: { format: { type: name, schema: text } } }],
    ['/v1/responses', { ...responses, tools: [text] }],
    ['/v1/responses', { ...responses, reasoning: text }],
  ];
  test.each(
    wrong.map(
      ([path, body]) => [path, typeof body === 'string' ? body.slice(0, 20) : 'a body', body] as const,
    ),
  )('%s %s', async (path, _, body) => {
    const answer = await send(daemon, path, body);
    expect({ status: answer.status, leaks: secrets.in(answer.text + answer.headers) }).toEqual({
      status: 400,
      leaks: [],
    });
  });

  test('the log of all that', async () => {
    await daemon.says(/status=400/);
    expect(secrets.in(daemon.stderr())).toEqual([]);
  });

  test('a wrong key is not repeated', async () => {
    for (const [path, body] of bodies) {
      const answer = await send(daemon, path, body, { authorization: `Bearer ${key}-not` });
      expect({ status: answer.status, leaks: secrets.in(answer.text + answer.headers) }).toEqual({
        status: 401,
        leaks: [],
      });
    }
    expect(secrets.in(daemon.stderr())).toEqual([]);
  });
});
