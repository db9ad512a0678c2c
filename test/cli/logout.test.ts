import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { logout } from '../../src/cli/logout.ts';
import { clientId } from '../auth/support.ts';
import { fakeTerminal, world } from './login-support.ts';

const plain = { json: false };

describe('logout', () => {
  test('revokes codexd’s own login (docs/wire/upstream.md#logout), then deletes it and nothing else', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const tokens = w.simulator.login();
    w.put(w.deps.ownFile, { auth_mode: 'chatgpt', tokens });
    w.put(w.deps.codexFile, { auth_mode: 'chatgpt', tokens: w.simulator.login() });
    const borrowed = readFileSync(w.deps.codexFile, 'utf8');
    await logout(plain, w.deps);
    expect(w.sent()).toEqual([
      {
        method: 'POST',
        path: '/oauth/revoke',
        headers: expect.objectContaining({ 'content-type': 'application/json' }),
        body: { token: tokens.refresh_token, token_type_hint: 'refresh_token', client_id: clientId },
      },
    ]);
    expect(readdirSync(dirname(w.deps.ownFile))).not.toContain('auth.json');
    expect(readFileSync(w.deps.codexFile, 'utf8')).toBe(borrowed);
    expect(terminal.out()).toBe('Logged out.\n');
  });

  test.each([
    ['answers 500', { status: 500 }],
    ['resets', { fault: 'reset' as const }],
  ])('a server that %s does not keep anybody logged in here', async (_, turn) => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    w.put(w.deps.ownFile, { auth_mode: 'chatgpt', tokens: w.simulator.login() });
    w.simulator.script({ for: 'oauth/revoke', ...turn });
    await logout({ json: true }, w.deps);
    expect(existsSync(w.deps.ownFile)).toBe(false);
    expect(JSON.parse(terminal.out())).toEqual({ logged_out: true, revoked: false });
  });

  test('a login shared with the Codex CLI after --import is not revoked', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const auth = { auth_mode: 'chatgpt', tokens: w.simulator.login() };
    w.put(w.deps.ownFile, auth);
    w.put(w.deps.codexFile, auth);
    await logout(plain, w.deps);
    expect(w.simulator.requests).toEqual([]);
    expect(existsSync(w.deps.ownFile)).toBe(false);
    expect(existsSync(w.deps.codexFile)).toBe(true);
    expect(terminal.err()).toContain('was not revoked on the server');
  });

  test('without codexd’s own login nothing happens, even if the Codex CLI has one', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    w.put(w.deps.codexFile, { auth_mode: 'chatgpt', tokens: w.simulator.login() });
    await logout(plain, w.deps);
    expect(terminal.out()).toBe('Not logged in: codexd has no login of its own.\n');
    expect(w.simulator.requests).toEqual([]);
    expect(existsSync(w.deps.codexFile)).toBe(true);
  });

  test('a login that cannot be read can be deleted', async () => {
    await using w = world();
    w.put(w.deps.ownFile, []);
    await logout(plain, w.deps);
    expect(existsSync(w.deps.ownFile)).toBe(false);
  });

  test('a login that cannot be deleted is reported', async () => {
    await using w = world();
    w.put(w.deps.ownFile, { auth_mode: 'chatgpt', tokens: w.simulator.login() });
    mkdirSync(join(dirname(w.deps.ownFile), 'auth.lock'));
    await expect(logout(plain, w.deps)).rejects.toMatchObject({ code: 'login_unwritable' });
    expect(w.simulator.requests).toEqual([]);
  });

  test('an access token alone is revoked, a personal one is only deleted', async () => {
    await using w = world();
    const { access_token } = w.simulator.login();
    w.put(w.deps.ownFile, { auth_mode: 'chatgptAuthTokens', tokens: { access_token, refresh_token: '' } });
    await logout(plain, w.deps);
    expect(w.sent()[0]?.body).toEqual({ token: access_token, token_type_hint: 'access_token' });
    w.put(w.deps.ownFile, { personal_access_token: w.simulator.personalToken() });
    await logout(plain, w.deps);
    expect(w.simulator.requests).toHaveLength(1);
  });
});
