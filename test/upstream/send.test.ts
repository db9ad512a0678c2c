// What one request to the upstream looks like: address, headers, body (docs/wire/upstream.md#headers, docs/wire/upstream.md#body).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import type { ScriptedResponse, World } from './support.ts';
import {
  credentials,
  eventsOf,
  failureOf,
  networkError,
  refusal,
  turnOf,
  turnRequest,
  world,
} from './support.ts';

const good = turnOf('plain-text');
const accountsOf = (fields: object): ScriptedResponse =>
  refusal(200, { accounts: [{ id: 'acct', ...fields }] });
const sendOne = async (subject: World, request: Parameters<World['open']>[0] = {}) => {
  await eventsOf(await subject.open(request));
  return subject.sent[0]!;
};

test('method, address, headers and body of a plain turn', async () => {
  const { method, url, headers, body } = await sendOne(world([good]));
  expect([method, url]).toEqual(['POST', 'https://upstream.example/backend-api/codex/responses']);
  expect(Object.fromEntries(headers)).toEqual({
    accept: 'text/event-stream',
    'accept-encoding': 'zstd, gzip',
    authorization: 'Bearer token-0',
    'chatgpt-account-id': 'acct',
    'content-type': 'application/json',
    originator: 'codexd',
    'session-id': 'session-1',
    'thread-id': 'session-1',
    'user-agent': 'codexd/1.2.3 (linux; x64)',
    version: '0.169.0',
    'x-client-request-id': 'session-1',
    'x-codex-routing-hint': 'model=gpt-5.5',
  });
  expect(JSON.parse(body as string)).toEqual(turnRequest.body);
});

test.each([
  ['auto', 0, false, null],
  ['auto', 300_000, false, 'zstd'],
  ['auto', 0, true, 'zstd'],
  ['none', 300_000, true, null],
  ['zstd', 0, false, 'zstd'],
] as const)(
  'compression %s, %i characters, from Codex: %p: %p',
  async (compression, length, isFromCodex, encoding) => {
    const body = { ...turnRequest.body, instructions: 'x'.repeat(length) };
    const { headers } = await sendOne(world([good], { compression }), { body, isFromCodex });
    expect(headers.get('content-encoding')).toBe(encoding);
  },
);

test('zstd when configured', async () => {
  const { headers, body } = await sendOne(world([good], { compression: 'zstd' }));
  expect(headers.get('content-encoding')).toBe('zstd');
  expect(JSON.parse(Buffer.from(await Bun.zstdDecompress(body as Uint8Array)).toString())).toEqual(
    turnRequest.body,
  );
});

test('headers of a Codex client that are passed on, never over our own identity', async () => {
  const forwardedHeaders = { 'x-codex-turn-state': 'state', 'thread-id': 'thread-9' };
  const { headers } = await sendOne(world([good]), { forwardedHeaders, lite: true });
  expect(headers.get('x-codex-turn-state')).toBe('state');
  expect(headers.get('thread-id')).toBe('thread-9');
  expect(headers.get('x-openai-internal-codex-responses-lite')).toBe('true');
  expect(headers.get('originator')).toBe('codexd');
});

describe('the workspace', () => {
  test('is asked for before the first turn, with the login, and once', async () => {
    const subject = world([good, good], { accounts: accountsOf({}) });
    await sendOne(subject);
    await eventsOf(await subject.open());
    expect(subject.checks).toHaveLength(1);
    const [{ url, method, headers }] = subject.checks as [(typeof subject.checks)[0]];
    expect([method, url]).toEqual(['GET', 'https://upstream.example/backend-api/wham/accounts/check']);
    expect(headers.get('authorization')).toBe('Bearer token-0');
    expect(headers.get('chatgpt-account-id')).toBe('acct');
  });

  test('its origin replaces ours, its override is sent', async () => {
    const accounts = accountsOf({
      workspace_backend_origin: 'https://gov.chatgpt.com',
      account_routing_override: 'us',
    });
    const { url, headers } = await sendOne(world([good], { accounts }));
    expect(url).toBe('https://gov.chatgpt.com/backend-api/codex/responses');
    expect(headers.get('x-openai-account-routing-override')).toBe('us');
  });

  test('an upstream without a path keeps its address in order', async () => {
    const accounts = accountsOf({ workspace_backend_origin: 'https://gov.chatgpt.com' });
    const { url } = await sendOne(world([good], { accounts, baseUrl: 'https://upstream.example' }));
    expect(url).toBe('https://gov.chatgpt.com/codex/responses');
  });

  const failing: [name: string, accounts: ScriptedResponse][] = [
    ['404', refusal(404)],
    ['500', refusal(500)],
    ['403 with a page', refusal(403, '<html>', { 'content-type': 'text/html' })],
    [
      'a broken connection',
      () => {
        throw networkError('ECONNRESET');
      },
    ],
    ['no JSON', refusal(200, 'oops')],
    ['an empty answer', refusal(200, '')],
  ];
  test.each(failing)('%s does not stop a turn', async (_, accounts) => {
    const subject = world([good, good], { accounts });
    const { url, headers } = await sendOne(subject);
    expect(url).toBe('https://upstream.example/backend-api/codex/responses');
    expect(headers.has('x-openai-account-routing-override')).toBe(false);
    await eventsOf(await subject.open());
    expect(subject.checks).toHaveLength(1);
  });

  test('a token without an account asks nobody', async () => {
    const anonymous = { ...credentials(0), accountId: undefined };
    const subject = world([good], { tokens: { get: async () => anonymous, refresh: async () => anonymous } });
    await sendOne(subject);
    expect(subject.checks).toHaveLength(0);
  });

  test('is discovered again after a token refresh', async () => {
    const subject = world([refusal(401), good], { accounts: accountsOf({}) });
    await eventsOf(await subject.open());
    expect(subject.checks.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-0',
      'Bearer token-1',
    ]);
  });

  test('refused for its login, it renews once, and the turn goes out with the new token', async () => {
    const seen: string[] = [];
    const accounts: ScriptedResponse = (request) => {
      seen.push(request.headers.get('authorization') ?? '');
      return seen.length === 1 ? refusal(401)(request) : accountsOf({})(request);
    };
    const subject = world([refusal(401), good], { accounts });
    await eventsOf(await subject.open());
    expect(seen[0]).toBe('Bearer token-0');
    expect(subject.sent.at(-1)?.headers.get('authorization')).toMatch(/^Bearer token-[12]$/);
    expect(subject.sent.length).toBeLessThanOrEqual(2);
  });
});

describe('what the answer says of itself', () => {
  const headersOf = (observed: Headers[]) =>
    observed.map((headers) => headers.get('x-codex-primary-used-percent'));

  test('headers are seen on success and on refusal, events on their way', async () => {
    const observed: Headers[] = [];
    const events: string[] = [];
    const subject = world(
      [
        refusal(500, '', { 'x-codex-primary-used-percent': '99' }),
        (request) => {
          const { body } = turnOf('keepalives-and-private-events')(request) as Response;
          return new Response(body, { headers: { 'x-codex-primary-used-percent': '22' } });
        },
      ],
      { observeHeaders: (headers) => observed.push(headers), observeEvent: ({ type }) => events.push(type) },
    );
    await eventsOf(await subject.open());
    expect(headersOf(observed)).toEqual(['99', '22']);
    expect(events.length).toBeGreaterThan(0);
    expect(events.every((type) => type.startsWith('codex.'))).toBe(true);
  });

  test('a stream without a content type is accepted', async () => {
    const subject = world([good]);
    const turn = await subject.open();
    expect(turn.headers.has('content-type')).toBe(false);
    expect((await eventsOf(turn)).at(-1)?.type).toBe('response.completed');
  });
});

describe('get', () => {
  function getting(answers: ScriptedResponse[]) {
    const rest = [...answers];
    const seen: Headers[] = [];
    const subject = world([], {
      fetch: async (url, init) => {
        seen.push(new Headers(init?.headers));
        const answer = rest.shift()!;
        return answer({
          url,
          method: 'GET',
          headers: new Headers(),
          body: undefined,
          signal: init?.signal as AbortSignal,
        });
      },
    });
    return { ...subject, seen };
  }

  test.each([200, 304, 404])('%d is for the caller to judge', async (status) => {
    const { client } = getting([() => new Response(null, { status })]);
    expect((await client.get('/codex/models')).status).toBe(status);
  });

  test('everything else is a failure; 401 is tried with a new token', async () => {
    const { client, seen } = getting([refusal(401), refusal(429, '', { 'retry-after': '2' })]);
    expect(await failureOf(client.get('/wham/usage'))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 2000,
    });
    expect(seen.map((headers) => headers.get('authorization'))).toEqual(['Bearer token-0', 'Bearer token-1']);
  });

  test('it says who asks, whatever the caller adds', async () => {
    const { client, seen } = getting([refusal(200)]);
    await client.get('/x', { headers: { 'if-none-match': 'etag', originator: 'somebody' } });
    expect(seen[0]?.get('if-none-match')).toBe('etag');
    expect(seen[0]?.get('originator')).toBe('codexd');
    expect(seen[0]?.get('accept')).toBe('application/json');
  });

  test('it ends in time, also when the login does not answer', async () => {
    const silent: ScriptedResponse = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    expect(await failureOf(getting([silent]).client.get('/x', { timeoutMs: 5 }))).toMatchObject({
      kind: 'timeout',
    });
    const { client } = world([], {
      tokens: { get: () => new Promise(() => {}), refresh: () => new Promise(() => {}) },
    });
    expect(await failureOf(client.get('/x', { timeoutMs: 5 }))).toMatchObject({ kind: 'timeout' });
  });

  test('an unreachable upstream is reported by its error code, without its address', async () => {
    const { client } = getting([
      () => {
        throw networkError('ENOTFOUND');
      },
    ]);
    const failure = await failureOf(client.get('/x'));
    expect(failure).toBeInstanceOf(Failure);
    expect(failure.message).toBe('Could not reach the upstream (ENOTFOUND).');
  });
});
