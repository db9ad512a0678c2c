// Daemons that share a login.
import { describe, expect, test } from 'bun:test';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoginOptions } from '../../src/simulator/simulator.ts';
import { emptyHome } from '../cli/process.ts';
import { chatParams } from '../clients/chat-support.ts';
import { clientOf, isTurn, type RunningDaemon, startDaemon, thrownBy } from '../clients/daemon.ts';
import { useSimulator } from '../support/simulator.ts';
import { loginHeaders } from './login-support.ts';

const simulator = useSimulator();
const userAgent = expect.stringMatching(/^codexd\/\d+\.\d+\.\d+ \(\w+; \w+\)$/);

function authFile(login: LoginOptions) {
  const path = join(emptyHome(), 'auth.json');
  const tokens = { ...simulator.login(login), login_owner_id: 'kept' };
  writeFileSync(path, JSON.stringify({ auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens, kept: [1] }));
  return { path, tokens, saved: () => JSON.parse(readFileSync(path, 'utf8')) };
}

const sharing = ({ path }: { path: string }) => startDaemon({ simulator, args: ['--auth-file', path] });
const refreshes = () => simulator.requests.filter(({ path }) => path === '/oauth/token');
const checks = () => simulator.requests.filter(({ path }) => path === '/backend-api/wham/accounts/check');
const ask = (daemon: RunningDaemon, prompt: string) =>
  clientOf(daemon).chat.completions.create(chatParams(prompt));

describe('two daemons, one file, a token about to expire', () => {
  test('many concurrent turns on both cost exactly one refresh, and all succeed', async () => {
    const file = authFile({ expiresInS: 60 });
    // A daemon may refresh as soon as it runs.
    simulator.script({ for: 'oauth/token', delayMs: 50 });
    await using one = await sharing(file);
    await using two = await sharing(file);
    const prompts = Array.from({ length: 8 }, (_, index) => `Say plover ${index}.`);
    const answers = await Promise.all(prompts.map((prompt, index) => ask(index % 2 ? one : two, prompt)));
    for (const [index, { choices }] of answers.entries()) {
      expect(choices[0]!.message.content).toContain(`plover ${index}`);
    }
    expect(refreshes()).toHaveLength(1);
    expect(refreshes()[0]!.body).toEqual({
      client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
      grant_type: 'refresh_token',
      refresh_reason: 'proactive_expiry',
      refresh_token: file.tokens.refresh_token,
    });
    expect(loginHeaders(refreshes()[0]!)).toEqual({
      'content-type': 'application/json',
      originator: 'codexd',
      'user-agent': userAgent,
    });

    const { tokens, kept } = file.saved();
    expect([kept, tokens.login_owner_id]).toEqual([[1], 'kept']);
    expect(tokens.refresh_token).not.toBe(file.tokens.refresh_token);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    const bearers = simulator.requests.filter(isTurn).map(({ headers }) => headers.authorization);
    expect(new Set(bearers)).toEqual(new Set([`Bearer ${tokens.access_token}`]));
  });

  test('after a 401 both use the login that the other refreshed, at the cost of one more refresh', async () => {
    const file = authFile({});
    await using one = await sharing(file);
    await using two = await sharing(file);
    await Promise.all([ask(one, 'Hello.'), ask(two, 'Hello.')]);
    simulator.script({ refusal: 'token_expired', delayMs: 50, repeat: 2 }); // one for each
    await Promise.all([ask(one, 'Again.'), ask(two, 'Again.')]);
    expect(refreshes().map(({ body }) => (body as { refresh_reason: string }).refresh_reason)).toEqual([
      'unauthorized_recovery',
    ]);
    expect(simulator.unused()).toEqual([]);
  });

  test('one mistaken 401 within a minute of a refresh costs one more request, two cost one more refresh', async () => {
    const file = authFile({ expiresInS: -60 });
    await using daemon = await sharing(file);
    await ask(daemon, 'Hello.');
    simulator.script({ refusal: 'token_expired' });
    expect((await ask(daemon, 'Say plover.')).choices[0]!.message.content).toContain('plover');
    expect(refreshes()).toHaveLength(1);
    const before = checks().length;

    simulator.script({ refusal: 'token_expired', repeat: 1 });
    expect((await ask(daemon, 'Say xyzzy.')).choices[0]!.message.content).toContain('xyzzy');
    expect(refreshes().map(({ body }) => (body as { refresh_reason: string }).refresh_reason)).toEqual([
      'proactive_expiry',
      'unauthorized_recovery',
    ]);
    expect(checks().length).toBe(before + 1);
  });

  test('a refresh token that another program has used is final: one refusal, no loop', async () => {
    const file = authFile({ expiresInS: -60 });
    await using daemon = await sharing(file);
    simulator.script({ for: 'oauth/token', refusal: 'refresh_token_reused' });
    for (let tries = 0; tries < 3; tries++) {
      const thrown = await thrownBy(ask(daemon, 'Hello.'));
      expect(thrown).toMatchObject({ status: 503, code: 'refresh_token_reused' });
      expect((thrown as Error).message).toContain('codexd login');
    }
    expect(refreshes()).toHaveLength(1);

    // A new login in the same file is used without a restart.
    const { tokens } = authFile({});
    writeFileSync(file.path, JSON.stringify({ auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens }));
    expect((await ask(daemon, 'Say plover.')).choices[0]!.message.content).toContain('plover');
  });

  test('an unexpired token is used if the refresh fails', async () => {
    const file = authFile({ expiresInS: 60 });
    await using daemon = await sharing(file);
    simulator.script({ for: 'oauth/token', status: 503, body: { error: 'temporarily_unavailable' } });
    expect((await ask(daemon, 'Say plover.')).choices[0]!.message.content).toContain('plover');
  });
});

describe('workspace routing', () => {
  test('is requested once before the first turn, with the usual identity headers', async () => {
    const file = authFile({});
    await using daemon = await sharing(file);
    await Promise.all([ask(daemon, 'one'), ask(daemon, 'two')]);
    await ask(daemon, 'three');
    expect(checks()).toHaveLength(1);
    const [check] = checks();
    expect([check!.method, check!.query]).toEqual(['GET', {}]);
    expect(check!.headers).toMatchObject({
      'user-agent': userAgent,
      authorization: `Bearer ${file.tokens.access_token}`,
      'chatgpt-account-id': '1f0c2a9e-0000-4000-8000-000000000001',
      originator: 'codexd',
    });
    const first = simulator.requests.findIndex(isTurn);
    expect(simulator.requests.indexOf(check!)).toBeLessThan(first);
    expect(simulator.requests[first]!.headers).not.toContainKey('x-openai-account-routing-override');
  });

  test('its origin and override are used', async () => {
    const id = '1f0c2a9e-0000-4000-8000-000000000001';
    const { port } = new URL(simulator.url);
    const entry = {
      id,
      workspace_backend_origin: `http://localhost:${port}`,
      account_routing_override: 'us_cr',
    };
    simulator.script({ for: 'accounts/check', merge: { accounts: [entry] } });
    await using daemon = await sharing(authFile({}));
    await ask(daemon, 'Hello.');
    expect(simulator.requests.find(isTurn)!.headers).toMatchObject({
      host: `localhost:${port}`,
      'x-openai-account-routing-override': 'us_cr',
    });
  });

  test.each([404, 500])('status %d is tolerated: the turn goes to the usual address', async (status) => {
    simulator.script({ for: 'accounts/check', status, body: 'no' });
    await using daemon = await sharing(authFile({}));
    expect((await ask(daemon, 'Say plover.')).choices[0]!.message.content).toContain('plover');
    expect(simulator.requests.find(isTurn)!.headers.host).toBe(new URL(simulator.url).host);
  });
});
