// Claude Code's login to codexd as its gateway, over HTTP: the whole flow, and what attackers try.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/base/sha256.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { until } from '../support/until.ts';
import { type RunningDaemon, startDaemon, useWorld } from './daemon.ts';
import {
  consentFields,
  decideLogin,
  logIn,
  pollLogin,
  postForm,
  refreshLogin,
  startLogin,
  withToken,
} from './gateway.ts';

const world = useWorld();

const keys = { owner: 'cdx_owner-0123456789', guest: 'cdx_guest-0123456789' };

const managed = `
[gateway]
managed_settings = true
[[server.keys]]
name = "owner"
sha256 = "${sha256(keys.owner)}"
[[server.keys]]
name = "guest"
sha256 = "${sha256(keys.guest)}"
models = ["gpt-6-luna"]
`;

/** A daemon that requires keys and manages Claude Code's settings. */
async function startKeyed(): Promise<RunningDaemon> {
  const home = emptyHome();
  const file = join(home, 'config.toml');
  writeFileSync(file, managed);
  return startDaemon({ simulator: world.simulator, home, args: ['--config', file] });
}

async function errorOf(sent: Promise<Response>): Promise<[status: number, error: string]> {
  const response = await sent;
  const { error } = (await response.json()) as { error: string };
  return [response.status, error];
}

const hello = { model: 'gpt-6-luna', max_tokens: 64, messages: [{ role: 'user', content: 'Hi.' }] };

function sendMessage(url: string, token: string): Promise<Response> {
  const { headers } = withToken(token);
  return fetch(`${url}/v1/messages`, { method: 'POST', body: JSON.stringify(hello), headers });
}

describe('a login', () => {
  test('is found, approved, used, refreshed and revoked', async () => {
    const { url } = world.daemon;
    const metadata = await (await fetch(`${url}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({
      issuer: url,
      device_authorization_endpoint: `${url}/oauth/device_authorization`,
      token_endpoint: `${url}/oauth/token`,
      revocation_endpoint: `${url}/oauth/revoke`,
      grant_types_supported: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    });
    expect(metadata).not.toHaveProperty('authorization_endpoint');

    const login = await startLogin(url);
    expect(login).toMatchObject({
      verification_uri: `${url}/device`,
      verification_uri_complete: `${url}/device?user_code=${login.user_code}`,
      expires_in: 600,
      interval: 2,
    });
    expect(await errorOf(pollLogin(url, login.device_code))).toEqual([400, 'authorization_pending']);
    expect((await decideLogin(url, login.user_code)).status).toBe(200);
    const granted = await pollLogin(url, login.device_code);
    expect(granted.headers.get('cache-control')).toBe('no-store');
    const tokens = (await granted.json()) as Record<string, string>;
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 28_800 });

    world.simulator.script({ text: 'One.' }, { text: 'Two.' });
    expect((await sendMessage(url, tokens.access_token ?? '')).status).toBe(200);
    const renewed = (await (await refreshLogin(url, tokens.refresh_token ?? '')).json()) as typeof tokens;
    expect((await sendMessage(url, renewed.access_token ?? '')).status).toBe(200);
    await postForm(`${url}/oauth/revoke`, { token: renewed.access_token ?? '' });
    for (const token of [tokens.access_token, renewed.access_token])
      await until(async () => (await sendMessage(url, token ?? '')).status === 401);
    const refused = await sendMessage(url, renewed.access_token ?? '');
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(await refused.json()).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error', message: expect.stringContaining('revoked or has expired') },
    });
    expect(await errorOf(refreshLogin(url, renewed.refresh_token ?? ''))).toEqual([401, 'invalid_grant']);
  });

  test('that is denied gets no token', async () => {
    const { url } = world.daemon;
    const { device_code, user_code } = await startLogin(url);
    await decideLogin(url, user_code, { decision: 'denied' });
    expect(await errorOf(pollLogin(url, device_code))).toEqual([400, 'access_denied']);
  });

  test('is listed as a key, and ends when that is removed', async () => {
    const { url, home } = world.daemon;
    const { user_code, device_code } = await startLogin(url);
    await decideLogin(url, user_code);
    const { access_token } = (await (await pollLogin(url, device_code)).json()) as { access_token: string };
    const name = `claude-code-${user_code.toLowerCase()}`;
    const listed = await runCodexd(['config', 'key', 'list', '--json'], { home });
    expect(JSON.parse(listed.out)).toContainEqual(
      expect.objectContaining({ name, issued_to: 'claude-code' }),
    );
    await runCodexd(['config', 'key', 'remove', name], { home });
    await until(async () => (await fetch(`${url}/v1/models`, withToken(access_token))).status === 401);
  });

  test('leaves no token in the log', async () => {
    const { url, stderr } = world.daemon;
    const { access_token, refresh_token } = await logIn(url);
    await refreshLogin(url, refresh_token);
    for (const secret of [access_token, refresh_token]) expect(stderr()).not.toContain(secret);
  });
});

describe('the consent page', () => {
  test('shows the code, runs nothing, loads nothing, and approves nothing by itself', async () => {
    const { url } = world.daemon;
    const { device_code, verification_uri_complete, user_code } = await startLogin(url);
    const response = await fetch(verification_uri_complete);
    const page = await response.text();
    expect(page).toContain(`<p class="code">${user_code}</p>`);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=|https?:/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(policy).toContain("frame-ancestors 'none'");
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(policy).toContain(new Bun.CryptoHasher('sha256').update(style).digest('base64'));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await errorOf(pollLogin(url, device_code))).toEqual([400, 'authorization_pending']);
  });

  test('asks for a code if the link has none, and quotes a wrong one nowhere', async () => {
    const { url } = world.daemon;
    expect(await (await fetch(`${url}/device`)).text()).toContain('name="user_code"');
    const wrong = await fetch(`${url}/device?user_code=%3Cscript%3E`);
    expect(wrong.status).toBe(404);
    expect(await wrong.text()).not.toContain('<script>');
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['of another origin', {}, { origin: 'https://evil.example' }],
    ['of another site', {}, { 'sec-fetch-site': 'cross-site' }],
    ['without an origin of its own', {}, { origin: 'null' }],
    ['that was never shown', { form_token: 'guessed' }, {}],
  ])('a form %s approves nothing', async (_, fields, headers) => {
    const { url } = world.daemon;
    const { device_code, user_code } = await startLogin(url);
    expect((await decideLogin(url, user_code, fields, headers)).status).toBe(403);
    expect(await errorOf(pollLogin(url, device_code))).toEqual([400, 'authorization_pending']);
  });

  test('a form of another encoding approves nothing', async () => {
    const { url } = world.daemon;
    const { device_code, user_code } = await startLogin(url);
    const fields = { ...(await consentFields(url, user_code)), decision: 'approved' };
    const body = new URLSearchParams(fields).toString();
    const sent = await fetch(`${url}/device`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain' },
    });
    expect(sent.status).toBe(415);
    expect(await errorOf(pollLogin(url, device_code))).toEqual([400, 'authorization_pending']);
  });
});

describe('a daemon that requires keys', () => {
  let daemon: RunningDaemon;
  beforeAll(async () => {
    daemon = await startKeyed();
  });
  afterAll(() => daemon.stop());

  test('lets only the holder of an unlimited key approve a login', async () => {
    const { url } = daemon;
    const { access_token } = await logIn(url, keys.owner);
    expect((await fetch(`${url}/v1/models`, withToken(access_token))).status).toBe(200);
    const { device_code, user_code } = await startLogin(url);
    for (const key of ['', 'wrong', keys.guest, access_token]) {
      const refused = await decideLogin(url, user_code, { key });
      expect([key, refused.status]).toEqual([key, 403]);
      expect(await refused.text()).not.toContain(keys.guest);
    }
    expect(await errorOf(pollLogin(url, device_code))).toEqual([400, 'authorization_pending']);
  });

  test('hands out models as managed settings, which a client need not fetch twice', async () => {
    const { url } = daemon;
    const { access_token } = await logIn(url, keys.owner);
    const { headers } = withToken(access_token);
    expect((await fetch(`${url}/managed/settings`)).status).toBe(401);
    const response = await fetch(`${url}/managed/settings`, { headers });
    const { checksum, settings, uuid } = (await response.json()) as Record<string, string>;
    expect(settings).toMatchObject({
      env: { ANTHROPIC_DEFAULT_HAIKU_MODEL: 'gpt-6-luna', CLAUDE_CODE_MAX_CONTEXT_TOKENS: '500000' },
    });
    expect(checksum).toBe(`sha256:${sha256(JSON.stringify(settings))}`);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toBe(`"${checksum}"`);
    const again = await fetch(`${url}/managed/settings`, { headers: { ...headers, 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  test('names only settings that Claude Code takes without its user', async () => {
    const { url } = daemon;
    const { access_token } = await logIn(url, keys.owner);
    const response = await fetch(`${url}/managed/settings`, withToken(access_token));
    const { settings } = (await response.json()) as { settings: { env: Record<string, string> } };
    expect(Object.keys(settings)).toEqual(['env']);
    const free =
      /^ANTHROPIC_DEFAULT_[A-Z]+_MODEL(_NAME|_DESCRIPTION)?$|^CLAUDE_CODE_(SUBAGENT_MODEL|MAX_CONTEXT_TOKENS|MAX_OUTPUT_TOKENS|ALWAYS_ENABLE_EFFORT)$/;
    expect(Object.keys(settings.env).filter((name) => !free.test(name))).toEqual([]);
  });

  test('takes telemetry, and discards it', async () => {
    const { access_token } = await logIn(daemon.url, keys.owner);
    for (const path of ['metrics', 'logs', 'traces']) {
      const { headers } = withToken(access_token);
      const sent = {
        method: 'POST',
        body: '{}',
        headers: { ...headers, 'content-type': 'application/json' },
      };
      expect((await fetch(`${daemon.url}/v1/${path}`, sent)).status).toBe(200);
    }
  });
});

describe('attackers', () => {
  test('get nothing for a code that was used', async () => {
    const { url } = world.daemon;
    const { device_code, user_code } = await startLogin(url);
    await decideLogin(url, user_code);
    expect((await pollLogin(url, device_code)).status).toBe(200);
    expect(await errorOf(pollLogin(url, device_code))).toEqual([400, 'invalid_grant']);
    expect((await fetch(`${url}/device?user_code=${user_code}`)).status).toBe(404);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['no grant type', {}, 400, 'invalid_request'],
    ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [
      'no device code',
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' },
      400,
      'invalid_request',
    ],
    ['no refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_request'],
    ['an unknown refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 401, 'invalid_grant'],
  ])('%s is refused as OAuth says', async (_, fields, status, error) => {
    expect(await errorOf(postForm(`${world.daemon.url}/oauth/token`, fields))).toEqual([status, error]);
  });

  test('a repeated field, a huge body and JSON are refused', async () => {
    const url = `${world.daemon.url}/oauth/token`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const send = (body: string, headers: Record<string, string>) =>
      errorOf(fetch(url, { method: 'POST', body, headers }));
    expect(await send('grant_type=a&grant_type=b', form)).toEqual([400, 'invalid_request']);
    expect(await send(`x=${'y'.repeat(20_000)}`, form)).toEqual([413, 'invalid_request']);
    expect(await send('{}', { 'content-type': 'application/json' })).toEqual([415, 'invalid_request']);
  });

  test('cannot guess codes, and learn when to try again', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator });
    const { url } = daemon;
    const { user_code } = await startLogin(url);
    for (let guess = 0; guess < 10; guess++) {
      expect((await fetch(`${url}/device?user_code=BBBB-BBB${'BCDFGHJKLM'[guess]}`)).status).toBe(404);
    }
    const refused = await fetch(`${url}/device?user_code=${user_code}`);
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('Try again in 10 minutes.');
  });

  test('cannot fill the memory with logins', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator });
    for (let count = 0; count < 30; count++) await startLogin(daemon.url);
    const refused = postForm(`${daemon.url}/oauth/device_authorization`, {});
    expect(await errorOf(refused)).toEqual([429, 'slow_down']);
    expect((await refused).headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test('a web page cannot start or poll a login', async () => {
    const { url } = world.daemon;
    const headers = { origin: 'https://evil.example' };
    expect((await postForm(`${url}/oauth/device_authorization`, {}, headers)).status).toBe(403);
    expect((await postForm(`${url}/oauth/token`, {}, headers)).status).toBe(403);
  });

  test('nobody can approve where other machines may call without a key', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      args: ['--listen', '0.0.0.0:0', '--insecure-no-api-key'],
    });
    const url = daemon.url.replace('0.0.0.0', '127.0.0.1');
    const { user_code } = await startLogin(url);
    const refused = await fetch(`${url}/device?user_code=${user_code}`);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('server.api_key');
  });
});
