// Leaks: marked secrets go through every failure path, and no log line or response may contain them.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { plainApiKey } from '../../src/server/middleware/api-key.ts';
import {
  Body,
  completed,
  created,
  frame,
  networkError,
  refusal,
  type ScriptedResponse,
  stream,
  text,
  turnOf,
} from '../upstream/support.ts';
import { chatPath, responsesPath, type TestDaemon, type TestOptions, testDaemon } from './support.ts';

const marks = {
  token: 'eyJhbGciOiJub25lIn0.TOKENMARK0123456789.sig',
  account: 'ACCOUNTMARK-0123-4567',
  key: 'KEYMARK-of-the-daemon-0123456789',
  wrongKey: 'sk-WRONGKEYMARK0123456789',
  prompt: 'PROMPTMARK of the user',
  answer: 'ANSWERMARK of the model',
  cookie: 'COOKIEMARK',
};
const readable = /TOKENMARK|ACCOUNTMARK|KEYMARK|PROMPTMARK|ANSWERMARK|COOKIEMARK/;

const login = { accessToken: marks.token, accountId: marks.account, fedramp: false };
const tokens = { get: async () => login, refresh: async () => login };
const said = `Provided token Bearer ${marks.token} is bad`;

function bodyOf(path: string, streamed: boolean): object {
  return path === chatPath
    ? { model: 'gpt-5.5', stream: streamed, messages: [{ role: 'user', content: marks.prompt }] }
    : { model: 'gpt-5.5', stream: streamed, input: marks.prompt, instructions: marks.prompt };
}

const broken: ScriptedResponse = ({ signal }) => {
  const body = new Body(signal).push(created, text(marks.answer));
  setTimeout(() => body.fail(networkError('ECONNRESET')));
  return new Response(body.stream);
};

const paths: [name: string, answer: ScriptedResponse, options?: TestOptions][] = [
  ['a 400 in words', refusal(400, { detail: said })],
  [
    'a 400 with an object',
    refusal(400, { error: { message: said, code: marks.token, param: marks.token, type: marks.token } }),
  ],
  ['a 401 for good', refusal(401, { error: { message: said, code: 'token_expired' } })],
  ['a 402', refusal(402, { detail: { code: 'deactivated_workspace', message: said } })],
  ['a 403', refusal(403, { detail: said })],
  [
    'a challenge',
    refusal(403, `<html>${said}</html>`, { 'cf-mitigated': 'challenge', 'set-cookie': marks.cookie }),
  ],
  ['a 404', refusal(404, { error: { message: said } })],
  ['a 413', refusal(413, `<html>${said}</html>`)],
  [
    'a plan limit',
    refusal(429, {
      error: { type: 'usage_limit_reached', message: said, plan_type: 'plus', resets_in_seconds: 9 },
    }),
  ],
  ['a 500', refusal(500, said)],
  ['a 503', refusal(503, { error: { code: 'server_is_overloaded', message: said } })],
  [
    'a connection that breaks',
    () => {
      throw Object.assign(networkError('ECONNRESET'), { path: `https://x/?token=${marks.token}` });
    },
  ],
  [
    'a failure inside a 200',
    stream(
      created,
      frame('response.failed', { response: { error: { code: 'server_error', message: said } } }),
    ),
  ],
  [
    'a failure after content',
    stream(created, text(marks.answer), frame('error', { error: { code: 'server_error', message: said } })),
  ],
  ['a stream that breaks', broken],
  ['an event that is no JSON', stream(created, text(marks.answer), `data: {"oops": ${marks.prompt}\n\n`)],
  [
    'a failure of ours that quotes everything',
    () => {
      throw new RangeError(Object.values(marks).join(' '));
    },
  ],
  [
    'a failed login',
    turnOf('plain-text'),
    {
      tokens: {
        get: () => Promise.reject(new Failure('login_required', 'x', { cause: new Error(marks.token) })),
        refresh: tokens.refresh,
      },
    },
  ],
  [
    'a failed workspace check',
    turnOf('plain-text'),
    {
      accounts: () => {
        throw Object.assign(networkError('ECONNREFUSED'), { path: marks.account });
      },
    },
  ],
  ['all well', stream(created, text('fine'), completed)],
];

function daemonFor(answer: ScriptedResponse, options: TestOptions = {}): TestDaemon {
  return testDaemon(Array<ScriptedResponse>(9).fill(answer), {
    tokens,
    keys: [plainApiKey(marks.key)],
    ...options,
  });
}

function expectNoMark(what: string): void {
  expect(readable.exec(what)?.[0] ?? 'nothing').toBe('nothing');
}

describe.each([
  [chatPath, true],
  [chatPath, false],
  [responsesPath, true],
  [responsesPath, false],
])('%s (stream: %p)', (path, streamed) => {
  test.each(paths.map(([name, answer, options = {}]) => [name, answer, options] as const))(
    '%s',
    async (_, answer, options) => {
      await using daemon = daemonFor(answer, options);
      const response = await daemon.post(path, bodyOf(path, streamed), {
        headers: { authorization: `Bearer ${marks.key}`, 'x-api-key': marks.wrongKey, cookie: marks.cookie },
      });
      const told = await response.text();
      await daemon.accessLines();
      expectNoMark(daemon.world.logLines.join(''));
      expectNoMark(JSON.stringify([...response.headers]));
      // The client may see the model's earlier output; the Responses route also echoes its request.
      const wanted = told.replaceAll(marks.answer, '').replaceAll(`"instructions":"${marks.prompt}"`, '');
      expectNoMark(wanted);
      // The upstream received the login and the prompt, but neither the daemon's key nor the client's cookies.
      for (const { headers, body } of daemon.world.sent) {
        expect(JSON.stringify([...headers])).toContain(marks.token);
        expect(JSON.stringify([...headers, body])).not.toMatch(/KEYMARK|COOKIEMARK/);
      }
    },
  );
});

describe('refused before the upstream is asked', () => {
  const wrong: [name: string, path: string, init: RequestInit][] = [
    ['a wrong key', chatPath, { headers: { authorization: `Bearer ${marks.wrongKey}` } }],
    [
      'a token of ChatGPT as key',
      chatPath,
      { headers: { authorization: `Bearer ${marks.token}`, 'chatgpt-account-id': marks.account } },
    ],
    ['bad JSON', chatPath, { body: `{"messages": ${marks.prompt}` }],
    [
      'an invalid body of ours',
      chatPath,
      { body: JSON.stringify({ model: 'gpt-5.5', messages: [{ role: marks.prompt }], tools: marks.prompt }) },
    ],
    [
      'a model that is a secret',
      chatPath,
      {
        body: JSON.stringify({ model: marks.wrongKey, messages: [{ role: 'user', content: marks.prompt }] }),
      },
    ],
    ['a key in the path', `/v1/models/${marks.wrongKey}`, { method: 'GET', body: null }],
    ['a key in the query', `/nope?key=${marks.key}`, {}],
    [
      'a key in the agent',
      '/nope',
      { headers: { 'user-agent': marks.wrongKey, 'x-request-id': marks.token } },
    ],
  ];
  test.each(wrong)('%s', async (_, path, init) => {
    await using daemon = daemonFor(turnOf('plain-text'));
    const response = await daemon.fetch(path, {
      method: 'POST',
      body: JSON.stringify(bodyOf(chatPath, false)),
      ...init,
      headers: { 'x-api-key': init.headers === undefined ? marks.key : '', ...init.headers } as Record<
        string,
        string
      >,
    });
    const told = await response.text();
    expect(response.ok).toBe(false);
    const lines = await daemon.accessLines();
    expect(lines).toHaveLength(1);
    expectNoMark(daemon.world.logLines.join(''));
    // The client's own invalid name is quoted.
    expectNoMark(told.replaceAll(marks.wrongKey, '').replaceAll(marks.prompt, ''));
    expect(daemon.world.sent).toHaveLength(0);
  });
});
