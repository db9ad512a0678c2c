import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { challengeOf } from '../../src/auth/pkce.ts';
import { chooseMethod, type LoginOptions, login, parsePort } from '../../src/cli/login.ts';
import { clientId } from '../auth/support.ts';
import { until } from '../support/until.ts';
import { browse, fakeTerminal, world } from './login-support.ts';

const byBrowser: LoginOptions = { method: 'browser', browser: true, port: 0, json: false };
const by = (method: LoginOptions['method']): LoginOptions => ({ ...byBrowser, method });
const inBrowser = () =>
  fakeTerminal({
    browse: async (url) => {
      void browse(url);
      return true;
    },
  });

describe('login by browser', () => {
  test('saves codexd’s own login and prints its owner', async () => {
    const terminal = inBrowser();
    await using w = world(terminal);
    await login(byBrowser, w.deps);
    expect(terminal.out()).toBe('Logged in as a@example.com (plan: plus).\n');
    expect(w.saved()).toMatchObject({
      auth_mode: 'chatgpt',
      OPENAI_API_KEY: null,
      tokens: {
        account_id: '1f0c2a9e-0000-4000-8000-000000000001',
        refresh_token: expect.stringMatching(/^rt\.1\./),
      },
    });
    expect(statSync(w.deps.ownFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(w.deps.ownFile)).mode & 0o777).toBe(0o700);
    expect(existsSync(w.deps.codexFile)).toBe(false);
  });

  test('sends exactly the requests of docs/wire/upstream.md#login, and requests no API key', async () => {
    const terminal = inBrowser();
    await using w = world(terminal);
    await login(byBrowser, w.deps);
    const query = new URL(terminal.opened[0]!).searchParams;
    const [authorize, exchange, ...more] = w.simulator.requests;
    expect(Object.entries(authorize!.query)).toEqual([...query]);
    expect([...query.keys()]).toEqual([
      'response_type',
      'client_id',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
      'state',
      'scope',
      'id_token_add_organizations',
      'codex_cli_simplified_flow',
      'originator',
    ]);
    expect(exchange).toMatchObject({ method: 'POST', path: '/oauth/token' });
    expect(exchange!.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(exchange!.headers.originator).toBeUndefined();
    expect(exchange!.headers['user-agent']).toBe('codexd/0.1.0 (linux; x64)');
    const form = exchange!.body as Record<string, string>;
    expect(Object.keys(form)).toEqual(['grant_type', 'client_id', 'code', 'redirect_uri', 'code_verifier']);
    expect(form).toMatchObject({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: query.get('redirect_uri')!,
    });
    expect(challengeOf(form.code_verifier!)).toBe(query.get('code_challenge')!);
    expect(form.code_verifier).toHaveLength(86);
    expect(more).toEqual([]);
  });

  test('--json prints the account', async () => {
    const terminal = inBrowser();
    await using w = world(terminal);
    await login({ ...byBrowser, json: true }, w.deps);
    expect(JSON.parse(terminal.out())).toEqual({
      email: 'a@example.com',
      plan: 'plus',
      account_id: '1f0c2a9e-0000-4000-8000-000000000001',
      expires_at: expect.stringMatching(/^20\d\d-.*Z$/),
      path: w.deps.ownFile,
    });
  });

  test('without a reachable browser the redirect address can be pasted; a wrong one is explained', async () => {
    const address = Promise.withResolvers<string>();
    const terminal = fakeTerminal({
      lines: ['', 'what?', 'http://127.0.0.1:1455/auth/callback?code=x&state=y', address.promise],
    });
    await using w = world(terminal);
    const done = login({ ...byBrowser, browser: false }, w.deps);
    await until(() => /^http\S+authorize\S+$/m.test(terminal.err()));
    expect(terminal.opened).toEqual([]);
    const url = /^http\S+authorize\S+$/m.exec(terminal.err())![0];
    const answer = await fetch(url, { redirect: 'manual' });
    address.resolve(answer.headers.get('location')!);
    await done;
    expect(terminal.out()).toContain('Logged in as a@example.com');
    expect(terminal.err()).toContain("Not the login's redirect address");
    expect(terminal.err()).toContain('another login');
  });

  test('over SSH no browser is opened and the tunnel is explained', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    w.deps.overSsh = true;
    const done = login(byBrowser, w.deps);
    await until(() => /^http\S+authorize\S+$/m.test(terminal.err()));
    const [, port] = /ssh -L (\d+):127\.0\.0\.1:\1 /.exec(terminal.err())!;
    expect(terminal.opened).toEqual([]);
    expect(terminal.err()).toContain(`127.0.0.1%3A${port}%2Fauth%2Fcallback`);
    expect(terminal.err()).toContain('codexd login --device');
    await browse(/^http\S+authorize\S+$/m.exec(terminal.err())![0]);
    await done;
  });

  test('a browser that cannot be opened is reported', async () => {
    const terminal = fakeTerminal({
      browse: async (url) => {
        void browse(url);
        return false;
      },
    });
    await using w = world(terminal);
    await login(byBrowser, w.deps);
    expect(terminal.err()).toContain('Could not open a browser');
  });

  test('a refusal is reported, also in the browser, and the old login is kept', async () => {
    let page: Promise<string> | undefined;
    const terminal = fakeTerminal({
      browse: async (url) => {
        page = browse(url);
        return true;
      },
    });
    await using w = world(terminal);
    w.put(w.deps.ownFile, { old: true });
    w.simulator.script({
      for: 'oauth/authorize',
      error: 'access_denied',
      merge: { error_description: 'You said no' },
    });
    await expect(login(byBrowser, w.deps)).rejects.toMatchObject({
      kind: 'upstream_refused',
      code: 'access_denied',
      message: 'Login refused: You said no',
    });
    expect(await page).toContain('You said no');
    expect(w.saved()).toEqual({ old: true });
  });

  test('a wrong state changes nothing: the login keeps waiting for its own callback', async () => {
    const pages: string[] = [];
    const terminal = fakeTerminal({
      browse: async (url) => {
        void (async () => {
          pages.push(await browse(url));
          pages.push(await browse(url));
        })();
        return true;
      },
    });
    await using w = world(terminal);
    w.simulator.script({ for: 'oauth/authorize', state: 'of somebody else' });
    await login(byBrowser, w.deps);
    expect(pages[0]).toBe('State mismatch');
    expect(terminal.out()).toContain('Logged in as');
  });

  const bodies: [string, string, string][] = [
    ['plain text, whatever type it has', 'boom <b>loud</b>', 'boom <b>loud</b>'],
    ['a page', '<!DOCTYPE html><html><body>boom</body></html>', 'a web page instead of an error message'],
    ['nothing', '', 'no reason given'],
  ];
  test.each(bodies)('a 500 with %s is reported', async (_, body, says) => {
    await using w = world(inBrowser());
    w.simulator.script({ for: 'oauth/token', status: 500, body, headers: { 'content-type': 'text/html' } });
    await expect(login(byBrowser, w.deps)).rejects.toMatchObject({
      message: `Could not finish the login: the login server responded with 500, ${says}.`,
    });
  });

  test('a failed code exchange is reported and nothing is saved', async () => {
    const terminal = inBrowser();
    await using w = world(terminal);
    w.simulator.script({ for: 'oauth/token', status: 500, body: 'oops' });
    await expect(login(byBrowser, w.deps)).rejects.toMatchObject({
      kind: 'upstream_broke',
      code: 'token_exchange_failed',
      message: 'Could not finish the login: the login server responded with 500, oops.',
    });
    expect(existsSync(w.deps.ownFile)).toBe(false);
  });

  test('a setting that overrides the new login is named', async () => {
    const terminal = inBrowser();
    await using w = world(terminal);
    w.deps.overriddenBy = 'CODEXD_BEARER';
    await login(byBrowser, w.deps);
    expect(terminal.err()).toContain('CODEXD_BEARER overrides this login');
  });
});

describe('login --device', () => {
  test('sends exactly the requests of docs/wire/upstream.md#device-login, and shows the code with a warning', async () => {
    await using w = world();
    await login(by('device'), w.deps);
    const terminal = w.deps.terminal as ReturnType<typeof fakeTerminal>;
    expect(terminal.out()).toBe('Logged in as a@example.com (plan: plus).\n');
    const sent = w.sent();
    const [, userCode] = /^ {4}(\S+)$/m.exec(terminal.err())!;
    expect(terminal.err()).toContain(`${w.simulator.issuer}/codex/device`);
    expect(terminal.err()).toContain('Never enter a code that someone else sent you.');
    const polls = sent.slice(1, -1);
    expect(polls.length).toBeGreaterThan(1);
    expect(sent[0]).toMatchObject({
      method: 'POST',
      path: '/api/accounts/deviceauth/usercode',
      body: { client_id: clientId },
    });
    for (const poll of polls) {
      expect(poll).toMatchObject({ method: 'POST', path: '/api/accounts/deviceauth/token' });
      expect(poll.body).toEqual({
        device_auth_id: expect.stringMatching(/^deviceauth_/),
        user_code: userCode,
      });
    }
    expect(sent.at(-1)).toMatchObject({
      path: '/oauth/token',
      body: {
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: `${w.simulator.issuer}/deviceauth/callback`,
      },
    });
    for (const { headers } of sent) {
      expect(headers.originator).toBeUndefined();
      expect(headers['user-agent']).toBe('codexd/0.1.0 (linux; x64)');
    }
  });

  test('if the account has device codes disabled, the error says how to enable them', async () => {
    await using w = world();
    w.simulator.script({ for: 'deviceauth/usercode', status: 404 });
    await expect(login(by('device'), w.deps)).rejects.toMatchObject({
      code: 'device_login_disabled',
      advice: expect.stringContaining('Settings → Security'),
    });
  });
});

describe('login --with-access-token', () => {
  test('a personal access token is looked up and stored as the Codex CLI stores it', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const token = w.simulator.personalToken({ email: 'p@example.com', plan: 'team' });
    terminal.readStdin = async () => `${token}\n`;
    await login(by('token'), w.deps);
    expect(terminal.out()).toBe('Logged in as p@example.com (plan: team).\n');
    expect(w.saved()).toEqual({ OPENAI_API_KEY: null, personal_access_token: token });
    expect(w.simulator.requests[0]).toMatchObject({
      method: 'GET',
      path: '/api/accounts/v1/user-auth-credential/whoami',
      headers: { authorization: `Bearer ${token}` },
    });
  });

  test('an access token is stored as external: codexd never refreshes it', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const { access_token } = w.simulator.login();
    terminal.readStdin = async () => access_token;
    await login(by('token'), w.deps);
    expect(w.saved()).toMatchObject({
      auth_mode: 'chatgptAuthTokens',
      tokens: { access_token, refresh_token: '' },
    });
    expect(terminal.err()).toContain('cannot be refreshed');
  });

  test.each([
    ['nothing', undefined, 'No access token on stdin.'],
    ['blank', ' \n', 'No access token on stdin.'],
    ['an API key', 'sk-abc', 'Not a ChatGPT access token.'],
    ['an unknown personal token', 'at-unknown0', 'The login server rejected this personal access token.'],
  ])('%s is refused, nothing is saved', async (_, stdin, message) => {
    await using w = world(fakeTerminal(stdin === undefined ? {} : { stdin }));
    await expect(login(by('token'), w.deps)).rejects.toMatchObject({ message });
    expect(existsSync(w.deps.ownFile)).toBe(false);
  });

  test('an expired access token is refused', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const { access_token } = w.simulator.login({ expiresInS: -5 });
    terminal.readStdin = async () => access_token;
    await expect(login(by('token'), w.deps)).rejects.toThrow('That access token has expired.');
  });
});

describe('login --import', () => {
  test('copies the Codex CLI’s login, every key of it, and warns of two holders', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const tokens = { ...w.simulator.login(), login_owner_id: 'o' };
    const auth = { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens, something_new: [1] };
    w.put(w.deps.codexFile, auth);
    const before = readFileSync(w.deps.codexFile, 'utf8');
    await login(by('import'), w.deps);
    expect(w.saved()).toEqual(auth);
    expect(readFileSync(w.deps.codexFile, 'utf8')).toBe(before);
    expect(terminal.out()).toBe('Logged in as a@example.com (plan: plus).\n');
    expect(terminal.err()).toContain('whichever refreshes second is logged out');
    expect(terminal.err()).toContain('To give codexd a login of its own, run `codexd login`');
    expect(w.simulator.requests).toEqual([]);
  });

  test.each([
    ['no login', undefined, 'No Codex CLI login found in'],
    [
      'an API key',
      { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' },
      'contains an OpenAI API key but no ChatGPT login',
    ],
  ])('%s cannot be copied', async (_, auth, message) => {
    await using w = world();
    if (auth) w.put(w.deps.codexFile, auth);
    await expect(login(by('import'), w.deps)).rejects.toThrow(message);
    expect(existsSync(w.deps.ownFile)).toBe(false);
  });
});

test('no token, code, verifier or state is printed, except in the login address', async () => {
  const terminal = inBrowser();
  await using w = world(terminal);
  await login(byBrowser, w.deps);
  const form = w.simulator.requests[1]!.body as Record<string, string>;
  const { tokens } = w.saved();
  const shown = terminal.out() + terminal.err().replace(terminal.opened[0]!, '');
  const secrets = [
    form.code,
    form.code_verifier,
    tokens?.access_token,
    tokens?.id_token,
    tokens?.refresh_token,
  ];
  for (const secret of secrets) expect(shown).not.toContain(secret!);
  expect(terminal.opened[0]).not.toContain(form.code_verifier!);
});

describe('arguments', () => {
  test('one method at a time', () => {
    expect(chooseMethod({})).toBe('browser');
    expect(chooseMethod({ device: true, import: false })).toBe('device');
    expect(() => chooseMethod({ device: true, import: true })).toThrow('mutually exclusive');
  });

  test.each([
    ['1455', 1455],
    ['0', 0],
    [undefined, undefined],
  ])('--port %s', (text, port) => {
    expect(parsePort(text)).toBe(port);
  });

  test.each(['', 'x', '70000', '-1', '1.5'])('--port %s is rejected', (text) => {
    expect(() => parsePort(text)).toThrow('is not a valid value for `--port`');
  });
});
