// The tokens of logins: refreshed, replaced and revoked.
import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/base/sha256.ts';
import { Logins } from '../../src/gateway/logins.ts';
import { IssuedKeys } from '../../src/keys/issued-keys.ts';

const hour = 3_600_000;

function loginsAt() {
  const clock = { ms: 1_000_000 };
  const nowMs = () => clock.ms;
  const path = join(mkdtempSync(join(tmpdir(), 'codexd-logins-')), 'issued-keys.json');
  const keys = new IssuedKeys(path, nowMs);
  return { clock, keys, logins: new Logins({ keys, program: 'claude-code', nowMs }) };
}

test('a login is a key of the daemon, stored as a hash', () => {
  const { keys, logins } = loginsAt();
  const { accessToken, refreshToken } = logins.start('BCDF-GHJK', hour);
  expect(keys.list()).toEqual([
    {
      name: 'claude-code-bcdf-ghjk',
      issuedTo: 'claude-code',
      sha256: sha256(accessToken),
      issuedAtMs: 1_000_000,
      expiresAtMs: 1_000_000 + hour,
      former: [],
    },
  ]);
  const file = readFileSync(keys.path, 'utf8');
  expect(file).not.toContain(accessToken);
  expect(file).not.toContain(refreshToken);
  expect(accessToken).not.toContain(refreshToken.slice(-20));
});

test('a refresh replaces both tokens, under the same name', () => {
  const { clock, keys, logins } = loginsAt();
  const first = logins.start('BCDF-GHJK', hour);
  clock.ms += 1000;
  const second = logins.refresh(first.refreshToken, hour);
  expect(second?.accessToken).not.toBe(first.accessToken);
  expect(second?.refreshToken).not.toBe(first.refreshToken);
  expect(keys.list().map(({ name, sha256 }) => [name, sha256])).toEqual([
    ['claude-code-bcdf-ghjk', sha256(second?.accessToken ?? '')],
  ]);
});

test('two sessions of one login refresh the tokens they started with, in any order', () => {
  const { clock, logins } = loginsAt();
  const shared = logins.start('BCDF-GHJK', hour);
  const sessions = [shared.refreshToken, shared.refreshToken];
  for (const turn of [0, 1, 1, 0, 1, 0, 0, 0, 1]) {
    clock.ms += 8 * hour;
    const renewed = logins.refresh(sessions[turn] ?? '', hour);
    expect([turn, renewed]).toEqual([turn, expect.anything()]);
    sessions[turn] = renewed?.refreshToken ?? '';
  }
});

test('an access token works until it expires, also when another session has refreshed', () => {
  const { keys, logins } = loginsAt();
  const first = logins.start('BCDF-GHJK', hour);
  const second = logins.refresh(first.refreshToken, 2 * hour);
  const accepted = keys.accepted().map(({ name, sha256, expiresAtMs }) => [name, sha256, expiresAtMs]);
  const name = 'claude-code-bcdf-ghjk';
  expect(accepted).toEqual([
    [name, sha256(second?.accessToken ?? ''), 1_000_000 + 2 * hour],
    [name, sha256(first.accessToken), 1_000_000 + hour],
  ]);
});

test('a refresh token works for a week after it was replaced', () => {
  const { clock, logins } = loginsAt();
  const { refreshToken } = logins.start('BCDF-GHJK', hour);
  logins.refresh(refreshToken, hour);
  clock.ms += 7 * 24 * hour - 1;
  expect(logins.refresh(refreshToken, hour)).toBeDefined();
  clock.ms += 1;
  expect(logins.refresh(refreshToken, hour)).toBeUndefined();
});

test('a login keeps a bounded number of replaced tokens', () => {
  const { keys, logins } = loginsAt();
  let { refreshToken } = logins.start('BCDF-GHJK', hour);
  for (let count = 0; count < 40; count++)
    refreshToken = logins.refresh(refreshToken, hour)?.refreshToken ?? '';
  expect(keys.list()[0]?.former).toHaveLength(32);
  expect(logins.refresh(refreshToken, hour)).toBeDefined();
});

test('a login can be refreshed after its access token has expired', () => {
  const { clock, logins } = loginsAt();
  const { refreshToken } = logins.start('BCDF-GHJK', hour);
  clock.ms += 100 * hour;
  expect(logins.refresh(refreshToken, hour)).toBeDefined();
});

test.each(['accessToken', 'refreshToken'] as const)(
  'either token ends the login, for all sessions: %s',
  (which) => {
    const { keys, logins } = loginsAt();
    const tokens = logins.start('BCDF-GHJK', hour);
    const renewed = logins.refresh(tokens.refreshToken, hour);
    logins.start('LMNP-QRST', hour);
    logins.revoke(tokens[which]);
    expect(keys.accepted().map(({ name }) => name)).toEqual(['claude-code-lmnp-qrst']);
    expect(logins.refresh(renewed?.refreshToken ?? '', hour)).toBeUndefined();
  },
);

test('an access token, an unknown token and a removed key refresh nothing', () => {
  const { keys, logins } = loginsAt();
  const { accessToken, refreshToken } = logins.start('BCDF-GHJK', hour);
  expect(logins.refresh(accessToken, hour)).toBeUndefined();
  expect(logins.refresh('cdx_refresh_x', hour)).toBeUndefined();
  keys.revokeKey('claude-code-bcdf-ghjk');
  expect(logins.refresh(refreshToken, hour)).toBeUndefined();
  expect(keys.list()).toEqual([]);
});

test('a replaced token does not bring a removed login back', () => {
  const { keys, logins } = loginsAt();
  const { refreshToken } = logins.start('BCDF-GHJK', hour);
  logins.refresh(refreshToken, hour);
  keys.revokeKey('claude-code-bcdf-ghjk');
  expect(logins.refresh(refreshToken, hour)).toBeUndefined();
  expect(keys.list()).toEqual([]);
});

test('revoking a key that is no login does nothing', () => {
  const { keys, logins } = loginsAt();
  const key = keys.issueKey({ name: 'other', issuedTo: 'another-program' });
  logins.revoke(key);
  expect(keys.list()).toHaveLength(1);
});
