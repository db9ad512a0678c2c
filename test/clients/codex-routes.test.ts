// Routes other than `/v1/responses` that Codex clients and pi call.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connectRaw, httpRequest } from '../server/support.ts';
import { type RunningDaemon, startDaemon, turnsSent, useWorld } from './daemon.ts';

const world = useWorld({ simulator: { limits: { layout: 'both' } } });
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${world.daemon.url}${path}`, { headers });
const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

describe('a WebSocket is accepted on every path of turns', () => {
  test.each([
    '/v1/responses',
    '/responses',
    '/codex/responses',
    '/backend-api/codex/responses',
    '/v1/responses?x=1',
  ])('%s', async (path) => {
    const client = await connectRaw(world.daemon.url);
    client.write(
      httpRequest('GET', path, {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'openai-beta': 'responses_websockets=2026-02-06',
      }),
    );
    const received = await client.until(/\r\n\r\n/);
    expect(received).toStartWith('HTTP/1.1 101 ');
    client.leave();
  });

  test('a client that offers HTTP/2, as those of Java and curl do, is answered', async () => {
    const body = JSON.stringify({ model: 'gpt-5.5', input: 'Hi.' });
    const client = await connectRaw(world.daemon.url);
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQ' };
    client.write(httpRequest('POST', '/v1/responses', offer, body));
    expect(await client.until(/"completed"/)).toStartWith('HTTP/1.1 200 ');
    client.leave();
  });

  test('an ordinary GET there is 405, as before', async () => {
    expect((await get('/v1/responses')).status).toBe(405);
  });
});

describe('aliases of the backend', () => {
  test.each(['/codex/responses', '/backend-api/codex/responses'])('POST %s is a turn', async (path) => {
    const body = JSON.stringify({ model: 'gpt-5.5', input: 'Hi.', stream: true });
    const answer = await fetch(`${world.daemon.url}${path}`, { method: 'POST', body });
    expect(await answer.text()).toContain('event: response.completed');
    expect(turnsSent(world.simulator)).toHaveLength(1);
  });

  test.each([
    '/backend-api/codex/models?client_version=0.171.0',
    '/backend-api/codex/models',
    '/codex/models',
  ])('GET %s is the list in Codex’s own shape', async (path) => {
    const { models } = await json(await get(path));
    expect((models as { slug: string }[]).map(({ slug }) => slug)).toContain('gpt-5.5');
  });

  test('a refusal has OpenAI’s envelope', async () => {
    const answer = await fetch(`${world.daemon.url}/backend-api/codex/responses`, {
      method: 'POST',
      body: '{',
    });
    expect([answer.status, await json(answer)]).toMatchObject([
      400,
      { error: { type: 'invalid_request_error' } },
    ]);
    expect(await json(await get('/backend-api/nothing'))).toMatchObject({ error: { code: 'unknown_url' } });
  });
});

describe('the account and its plan', () => {
  const bases = ['/backend-api/wham', '/api/codex', '/wham'];

  test.each(bases)('%s/accounts/check names the account that asks', async (base) => {
    const ask = async (headers: Record<string, string>) => json(await get(`${base}/accounts/check`, headers));
    const account = {
      workspace_backend_origin: 'https://chatgpt.com',
      account_routing_override: 'NO_CONSTRAINT',
    };
    expect(await ask({ 'chatgpt-account-id': 'acc-of-the-client' })).toEqual({
      accounts: [{ id: 'acc-of-the-client', ...account }],
    });
    const own = { accounts: [{ id: expect.stringMatching(/^[0-9a-f-]{36}$/), ...account }] };
    expect(await ask({})).toEqual(own);
    expect(await ask({ 'chatgpt-account-id': '<x>' })).toEqual(own);
  });

  test.each(bases)('%s/usage has the real windows, and nobody’s name', async (base) => {
    const text = await (await get(`${base}/usage`)).text();
    const usage = JSON.parse(text);
    const window = {
      used_percent: expect.any(Number),
      limit_window_seconds: expect.any(Number),
      reset_after_seconds: expect.any(Number),
      reset_at: expect.any(Number),
    };
    expect(Object.keys(usage)).not.toContain('email');
    expect(text).not.toContain('@');
    expect(usage).toMatchObject({
      plan_type: expect.any(String),
      rate_limit: { allowed: true, limit_reached: false, primary_window: window, secondary_window: window },
    });
  });

  test('percents are whole numbers: Codex shows nothing for others', async () => {
    world.simulator.script({
      for: 'usage',
      merge: {
        rate_limit: {
          allowed: true,
          limit_reached: false,
          primary_window: {
            used_percent: 17.5,
            limit_window_seconds: 9,
            reset_after_seconds: 1,
            reset_at: 1,
          },
          secondary_window: null,
        },
      },
    });
    const usage = (await json(await get('/backend-api/wham/usage'))) as {
      rate_limit: { primary_window: { used_percent: number }; secondary_window: null };
    };
    expect(usage.rate_limit.primary_window.used_percent).toBe(18);
    expect(usage.rate_limit.secondary_window).toBeNull();
  });

  test('when the upstream does not say: the windows that the last turn brought', async () => {
    await world.client.responses.create({ model: 'gpt-5.5', input: 'Hi.' });
    world.simulator.script({ for: 'usage', status: 500, body: 'oops' });
    expect(await json(await get('/api/codex/usage'))).toMatchObject({
      rate_limit: {
        allowed: true,
        primary_window: { limit_window_seconds: 18_000, used_percent: expect.any(Number) },
        secondary_window: { limit_window_seconds: 604_800 },
      },
    });
  });

  test.each(bases)('%s/rate-limit-reset-credits/consume is refused: it spends something', async (base) => {
    const body = JSON.stringify({ redeem_request_id: crypto.randomUUID() });
    const path = `${base}/rate-limit-reset-credits/consume`;
    const answer = await fetch(`${world.daemon.url}${path}`, { method: 'POST', body });
    expect([answer.status, await json(answer)]).toMatchObject([
      403,
      { error: { code: 'reset_not_redeemed' } },
    ]);
    expect(world.simulator.requests.filter((request) => request.path.includes('credits'))).toEqual([]);
  });
});

describe('with a key', () => {
  let daemon: RunningDaemon;
  const { access_token: own } = world.simulator.login();
  beforeAll(async () => {
    const args = ['--api-key', 'a-key-of-this-test', '--bearer', own];
    daemon = await startDaemon({ simulator: world.simulator, args });
  });
  afterAll(() => daemon.stop());

  test.each(['/backend-api/wham/accounts/check', '/api/codex/usage', '/v1/models'])(
    '%s: a client with the login in use needs no key, others do',
    async (path) => {
      const status = async (bearer: string) =>
        (await fetch(daemon.url + path, { headers: { authorization: `Bearer ${bearer}` } })).status;
      expect(await status(own)).toBe(200);
      expect(await status('a-key-of-this-test')).toBe(200);
      expect(await status(`${own}x`)).toBe(401);
      expect(await status('eyJhbGciOiJub25lIn0.e30.')).toBe(401);
      expect((await fetch(daemon.url + path)).status).toBe(401);
    },
  );
});
