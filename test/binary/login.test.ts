// login, status and logout of the real program: streams, exit statuses, files, and the requests that the login server received
// (docs/wire/upstream.md#login).
import { beforeEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoginOptions } from '../../src/simulator/simulator.ts';
import { emptyHome, runCodexd, startCodexd } from '../cli/process.ts';
import { useSimulator } from '../support/simulator.ts';
import { loginHeaders } from './login-support.ts';

const simulator = useSimulator({
  limits: { layout: 'both', fiveHourUsedPercent: 7, weeklyUsedPercent: 22 },
});
const clientId = 'app_EMoamEEZ73f0CkXaXp7hrann';
/** codexd's own name; the Codex CLI sends none here. */
const userAgent = expect.stringMatching(/^codexd\/\d/);
let home: string;
let shown: string;
beforeEach(() => {
  home = emptyHome();
  shown = '';
});

const env = () => ({ CODEXD_ISSUER: simulator.issuer, CODEXD_UPSTREAM: simulator.upstream });
const start = (...argv: string[]) => startCodexd(argv, { home, env: env() });
const run = async (...argv: string[]) => {
  const ended = await runCodexd(argv, { home, env: env() });
  shown += ended.out + ended.err;
  return ended;
};
const ownFile = () => join(home, '.local/state/codexd/default/auth.json');
const codexFile = () => join(home, '.codex/auth.json');
const saved = (path = ownFile()) => JSON.parse(readFileSync(path, 'utf8'));

function put(path: string, login: LoginOptions = {}) {
  const auth = { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens: simulator.login(login) };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(auth));
  return auth;
}

async function authorizeUrlOf(login: ReturnType<typeof start>): Promise<string> {
  return (await login.says('err', /^(http\S+\/oauth\/authorize\?\S+)$/m))[1]!;
}

describe('codexd login', () => {
  test('browser: following the printed address and its redirect logs in', async () => {
    const login = start('login', '--port', '0');
    const url = await authorizeUrlOf(login);
    await login.says('err', /Could not open a browser/);
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('codexd is logged in')]);
    expect(await login.exited).toBe(0);
    expect(login.out()).toBe('Logged in as a@example.com (plan: plus).\n');
    expect(statSync(ownFile()).mode & 0o777).toBe(0o600);
    expect(saved()).toMatchObject({ auth_mode: 'chatgpt', OPENAI_API_KEY: null });
    expect(saved().tokens).toMatchObject({ account_id: '1f0c2a9e-0000-4000-8000-000000000001' });
  });

  test("browser: sends the Codex CLI's requests, field by field", async () => {
    const login = start('login', '--port', '0', '--no-browser');
    const url = await authorizeUrlOf(login);
    await (await fetch(url)).text();
    await login.exited;
    const {
      redirect_uri: redirectUri = '',
      code_challenge: challenge = '',
      state = '',
    } = Object.fromEntries(new URL(url).searchParams);
    expect(url.split('?')[0]).toBe(`${simulator.issuer}/oauth/authorize`);
    expect([...new URL(url).searchParams]).toEqual([
      ['response_type', 'code'],
      ['client_id', clientId],
      ['redirect_uri', redirectUri],
      ['code_challenge', challenge],
      ['code_challenge_method', 'S256'],
      ['state', state],
      ['scope', 'openid profile email offline_access api.connectors.read api.connectors.invoke'],
      ['id_token_add_organizations', 'true'],
      ['codex_cli_simplified_flow', 'true'],
      ['originator', 'codexd'],
    ]);
    expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/auth\/callback$/);
    expect(state).toMatch(/^[\w-]{43}$/);

    const [, exchange, ...more] = simulator.requests;
    expect(more).toEqual([]);
    expect([exchange!.method, exchange!.path]).toEqual(['POST', '/oauth/token']);
    expect(loginHeaders(exchange!)).toEqual({
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': userAgent,
    });
    const form = exchange!.body as Record<string, string>;
    expect(Object.keys(form)).toEqual(['grant_type', 'client_id', 'code', 'redirect_uri', 'code_verifier']);
    expect([form.grant_type, form.client_id, form.redirect_uri]).toEqual([
      'authorization_code',
      clientId,
      redirectUri,
    ]);
    expect(form.code_verifier).toMatch(/^[\w-]{86}$/);
    expect(createHash('sha256').update(form.code_verifier!).digest('base64url')).toBe(challenge);
  });

  test('browser: a wrong state gets 400 "State mismatch", and the login goes on', async () => {
    const login = start('login', '--port', '0', '--no-browser');
    const url = await authorizeUrlOf(login);
    const callback = new URL(new URL(url).searchParams.get('redirect_uri')!);
    const foreign = await fetch(`${callback}?code=x&state=y`);
    expect([foreign.status, await foreign.text()]).toEqual([400, 'State mismatch']);
    await (await fetch(url)).text();
    expect(await login.exited).toBe(0);
  });

  test('browser: a refusal ends the login with its description; /cancel ends it too', async () => {
    const merge = { error_description: 'You said no' };
    simulator.script({ for: 'oauth/authorize', error: 'access_denied', merge });
    const refused = start('login', '--port', '0', '--no-browser');
    const page = await fetch(await authorizeUrlOf(refused));
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('You said no')]);
    expect(await refused.exited).toBe(4);
    expect(refused.err()).toContain('Login refused: You said no');

    const cancelled = start('login', '--port', '0', '--no-browser');
    const { origin } = new URL(new URL(await authorizeUrlOf(cancelled)).searchParams.get('redirect_uri')!);
    await fetch(`${origin}/cancel`);
    expect(await cancelled.exited).toBe(130);
    expect(existsSync(ownFile())).toBe(false);
  });

  test('browser: the redirected address may be pasted', async () => {
    const login = startCodexd(['login', '--port', '0', '--no-browser'], { home, env: env(), typing: true });
    const authorize = await fetch(await authorizeUrlOf(login), { redirect: 'manual' });
    login.type('http://127.0.0.1:1455/auth/callback?code=x&state=y\n');
    await login.says('err', /another login/);
    login.type(`${authorize.headers.get('location')}\n`);
    expect(await login.exited).toBe(0);
    expect(login.out()).toContain('Logged in as a@example.com');
  });

  test('browser: a second login on the same port ends the first, like the Codex CLI’s', async () => {
    const first = start('login', '--port', '0', '--no-browser');
    const { port } = new URL(new URL(await authorizeUrlOf(first)).searchParams.get('redirect_uri')!);
    const second = start('login', '--port', port, '--no-browser');
    expect(await first.exited).toBe(130);
    await (await fetch(await authorizeUrlOf(second))).text();
    expect(await second.exited).toBe(0);
  });

  test('Ctrl-C while waiting exits with 130', async () => {
    const login = start('login', '--port', '0', '--no-browser');
    await authorizeUrlOf(login);
    login.kill('SIGINT');
    expect(await login.exited).toBe(130);
  });

  test("--device: sends the Codex CLI's requests, field by field", async () => {
    const { out, err, exitCode } = await run('login', '--device');
    expect({ out, exitCode }).toEqual({ out: 'Logged in as a@example.com (plan: plus).\n', exitCode: 0 });
    const [, userCode] = /^ {4}(\S+)$/m.exec(err)!;
    expect(err).toContain(`${simulator.issuer}/codex/device`);
    const [code, ...polls] = simulator.requests;
    const exchange = polls.pop()!;
    expect(code).toMatchObject({ method: 'POST', path: '/api/accounts/deviceauth/usercode' });
    expect(code!.body).toEqual({ client_id: clientId });
    expect(polls.length).toBeGreaterThan(1);
    for (const poll of polls) {
      expect(poll).toMatchObject({ method: 'POST', path: '/api/accounts/deviceauth/token' });
      expect(poll.body).toEqual({
        device_auth_id: expect.stringMatching(/^deviceauth_/),
        user_code: userCode,
      });
    }
    for (const request of [code!, ...polls]) {
      expect(loginHeaders(request)).toEqual({ 'content-type': 'application/json', 'user-agent': userAgent });
    }
    expect(polls[1]!.atMs - polls[0]!.atMs).toBeGreaterThan(990);
    expect(loginHeaders(exchange)).toEqual({
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': userAgent,
    });
    expect(exchange.body).toEqual({
      grant_type: 'authorization_code',
      client_id: clientId,
      code: expect.stringMatching(/^ac_/),
      redirect_uri: `${simulator.issuer}/deviceauth/callback`,
      code_verifier: expect.stringMatching(/^.{86}$/),
    });
    expect(saved().tokens.refresh_token).toMatch(/^rt\.1\./);
  });

  test('--import: the Codex CLI’s login is copied, and its file unchanged', async () => {
    const auth = put(codexFile());
    const before = readFileSync(codexFile(), 'utf8');
    const { out, exitCode } = await run('login', '--import', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ email: 'a@example.com', plan: 'plus', path: ownFile() });
    expect(saved()).toEqual(auth);
    expect(readFileSync(codexFile(), 'utf8')).toBe(before);
    expect(simulator.requests).toEqual([]);

    // Both use one session, so logging out here must not revoke it.
    expect((await run('logout')).exitCode).toBe(0);
    expect(existsSync(ownFile())).toBe(false);
    expect(readFileSync(codexFile(), 'utf8')).toBe(before);
    expect(simulator.requests).toEqual([]);
  });

  test('--with-access-token: from stdin', async () => {
    const token = simulator.personalToken({ email: 'p@example.com', plan: 'team' });
    const options = { home, env: env(), stdin: `${token}\n` };
    const { out, exitCode } = await runCodexd(['login', '--with-access-token'], options);
    expect({ out, exitCode }).toEqual({ out: 'Logged in as p@example.com (plan: team).\n', exitCode: 0 });
    expect(saved()).toEqual({ OPENAI_API_KEY: null, personal_access_token: token });
  });

  test.each([
    [
      ['login', '--device', '--import'],
      2,
      '--device, --with-access-token and --import are mutually exclusive.',
    ],
    [['login', '--port', 'x'], 2, '"x" is not a valid value for `--port`.'],
    [['login', '--with-access-token'], 2, 'No access token on stdin.'],
    [['login', '--import'], 3, 'No Codex CLI login found in'],
    [['logout', 'now'], 2, 'Unexpected argument "now" for `codexd logout`.'],
  ])('%j ends with %d', async (argv, exitCode, message) => {
    expect(await run(...argv)).toEqual({ out: '', err: expect.stringContaining(message), exitCode });
  });
});

test("codexd logout: sends the Codex CLI's request, then deletes the file", async () => {
  const { tokens } = put(ownFile());
  expect(await run('logout')).toMatchObject({ out: 'Logged out.\n', exitCode: 0 });
  const [revoke, ...more] = simulator.requests;
  expect(more).toEqual([]);
  expect([revoke!.method, revoke!.path]).toEqual(['POST', '/oauth/revoke']);
  expect(loginHeaders(revoke!)).toEqual({ 'content-type': 'application/json', 'user-agent': userAgent });
  expect(revoke!.body).toEqual({
    token: tokens.refresh_token,
    token_type_hint: 'refresh_token',
    client_id: clientId,
  });
  expect(existsSync(ownFile())).toBe(false);
  expect(await run('logout')).toMatchObject({
    out: 'Not logged in: codexd has no login of its own.\n',
    exitCode: 0,
  });
});

describe('codexd status --json', () => {
  const inDays = (days: number) => Date.now() + days * 86_400_000;
  const status = async () => {
    const { out, exitCode } = await run('status', '--json');
    return { exitCode, ...JSON.parse(out) };
  };

  test('a fresh login: account, expiry, and both quota windows', async () => {
    const { tokens } = put(ownFile());
    const shown = await status();
    expect(shown).toMatchObject({
      exitCode: 0,
      login: { source: 'own', path: ownFile(), email: 'a@example.com', plan: 'plus', renewable: true },
      problem: null,
    });
    expect(Date.parse(shown.login.expires_at)).toBeWithin(inDays(9.9), inDays(10.1));
    expect(shown.quotas[0].windows).toMatchObject([{ used_percent: 7 }, { used_percent: 22 }]);
    expect(saved().tokens).toEqual(tokens);
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/backend-api/wham/usage']);
  });

  test.each([
    ['expiring', 60],
    ['expired', -60],
  ])('an %s login is refreshed once, and the refreshed one reported', async (_, expiresInS) => {
    const { tokens } = put(ownFile(), { expiresInS });
    const shown = await status();
    expect(shown).toMatchObject({ exitCode: 0, problem: null });
    expect(Date.parse(shown.login.expires_at)).toBeWithin(inDays(9.9), inDays(10.1));
    expect(simulator.requests.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);
    expect(saved().tokens.refresh_token).not.toBe(tokens.refresh_token);
  });

  test('an expired login that cannot be refreshed exits with 3 and advice', async () => {
    put(ownFile(), { expiresInS: -60 });
    simulator.script({ for: 'oauth/token', refusal: 'refresh_token_reused' });
    const shown = await status();
    expect(shown).toMatchObject({ exitCode: 3, problem: { code: 'refresh_token_reused' } });
    expect(Date.parse(shown.login.expires_at)).toBeLessThan(Date.now());
    expect(JSON.stringify(shown.problem)).toContain('codexd login');
  });

  test('without a login, exits with 3', async () => {
    expect(await status()).toMatchObject({ exitCode: 3, login: null, problem: { kind: 'login_required' } });
  });

  test('near a limit, exits with 2', async () => {
    put(ownFile());
    const window = { used_percent: 95, limit_window_seconds: 604_800, reset_after_seconds: 60, reset_at: 1 };
    const rate_limit = {
      allowed: true,
      limit_reached: false,
      primary_window: window,
      secondary_window: null,
    };
    simulator.script({ for: 'usage', merge: { rate_limit } });
    expect(await status()).toMatchObject({ exitCode: 2, problem: null });
  });
});

test('login, status and logout show no token', async () => {
  const login = start('login', '--port', '0', '--no-browser');
  await (await fetch(await authorizeUrlOf(login))).text();
  await login.exited;
  const { tokens } = saved();
  for (const words of [['status'], ['status', '--json'], ['logout', '--json']]) await run(...words);
  shown += login.out() + login.err();
  for (const key of ['id_token', 'access_token', 'refresh_token']) {
    expect(tokens[key]).toBeString();
    expect(shown).not.toContain(tokens[key]);
  }
});
