// An upstream that quotes its requests: credentials without a recognisable shape are redacted by value.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { type RunningDaemon, startDaemon } from './daemon.ts';

const opaque = 'an/opaque+access=token#0123456789';
const account = '1f0c2a9e-0000-4000-8000-000000000001';
const refresh = 'opaque-refresh-0123456789';

const echoOf = (request: Request) =>
  [...request.headers].map(([name, value]) => `${name}: ${value.replace(/^Bearer /, '')}`).join('; ');
const sse = (event: object) => `data: ${JSON.stringify(event)}\n\n`;

/** Ways to fail, each of which quotes all headers of the request. */
const failures: Record<string, (quote: string) => Response> = {
  'a refusal': (quote) => Response.json({ error: { message: quote, code: account } }, { status: 400 }),
  'a refusal in words': (quote) => Response.json({ detail: quote }, { status: 400 }),
  'a refusal without rights': (quote) => Response.json({ error: { message: quote } }, { status: 403 }),
  'a server error': (quote) => Response.json({ error: { message: quote } }, { status: 500 }),
  'plain text': (quote) => new Response(quote, { status: 502 }),
  'a rate limit': (quote) =>
    Response.json({ error: { message: quote, type: 'rate_limit_exceeded' } }, { status: 429 }),
  'an error in the stream': (quote) =>
    new Response(sse({ type: 'error', error: { message: quote, code: account } })),
  'a failed response': (quote) =>
    new Response(
      sse({ type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } }) +
        sse({ type: 'response.failed', response: { id: 'resp_1', error: { message: quote } } }),
    ),
  'a refused login': (quote) => Response.json({ error: { message: quote } }, { status: 401 }),
};

let fail = failures['a refusal']!;
const upstream = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (!pathname.endsWith('/responses')) return fail(`${echoOf(request)}; ${refresh}`);
    const response = fail(`${echoOf(request)}; ${refresh}`);
    response.headers.set('x-request-id', account);
    return response;
  },
});
const authFile = join(emptyHome(), 'auth.json');
writeFileSync(
  authFile,
  JSON.stringify({
    auth_mode: 'chatgpt',
    tokens: { access_token: opaque, refresh_token: refresh, account_id: account },
  }),
);
const args = ['--upstream', upstream.url.href, '--issuer', upstream.url.href, '--auth-file', authFile];
const env = { CODEXD_UPSTREAM_RETRIES: '0', CODEXD_LOG_LEVEL: 'debug', CODEXD_LOG_FORMAT: 'json' };
let daemon: RunningDaemon;

beforeAll(async () => {
  daemon = await startDaemon({ args, env });
});
afterAll(async () => {
  await daemon.stop();
  await upstream.stop(true);
});

const leaked = (text: string) => [opaque, account, refresh].filter((secret) => text.includes(secret));

const messages = [{ role: 'user', content: 'Hi.' }];
const requests: [path: string, body: object][] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/responses', { input: 'Hi.' }],
  ['/v1/completions', { prompt: 'Hi.' }],
  ['/v1/messages', { messages, max_tokens: 100 }],
  ['/api/chat', { messages }],
];

describe.each(Object.entries(failures))('%s', (_, failure) => {
  test.each(requests)('on %s', async (path, body) => {
    fail = failure;
    for (const stream of [false, true]) {
      const answer = await fetch(daemon.url + path, {
        method: 'POST',
        body: JSON.stringify({ model: 'gpt-5.5', ...body, stream }),
      });
      const text = await answer.text();
      expect(text).toMatch(/error/);
      expect(leaked(text + JSON.stringify([...answer.headers]))).toEqual([]);
    }
    expect(leaked(daemon.stderr())).toEqual([]);
    for (const line of daemon.stderr().split('\n').slice(1)) if (line !== '') JSON.parse(line);
  });

  test('of the command line', async () => {
    fail = failure;
    const { out, err, exitCode } = await runCodexd(['ask', '-m', 'gpt-5.5', 'Hi.', ...args], { env });
    expect(exitCode).toBeGreaterThan(0);
    expect(leaked(out + err)).toEqual([]);
  });
});
