// The tokens of logins: refreshed, replaced, replayed and revoked.
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

test('a program whose response was lost may repeat the refresh within a minute', () => {
  const { clock, logins } = loginsAt();
  const first = logins.start('BCDF-GHJK', hour);
  logins.refresh(first.refreshToken, hour);
  clock.ms += 59_000;
  const third = logins.refresh(first.refreshToken, hour);
  expect(logins.refresh(third?.refreshToken ?? '', hour)).toBeDefined();
});

test('a replaced refresh token that is used later ends the login', () => {
  const { clock, keys, logins } = loginsAt();
  const first = logins.start('BCDF-GHJK', hour);
  const second = logins.refresh(first.refreshToken, hour);
  clock.ms += 60_000;
  expect(logins.refresh(first.refreshToken, hour)).toBeUndefined();
  expect(keys.list()).toEqual([]);
  expect(logins.refresh(second?.refreshToken ?? '', hour)).toBeUndefined();
});

test('a login can be refreshed after its access token has expired', () => {
  const { clock, logins } = loginsAt();
  const { refreshToken } = logins.start('BCDF-GHJK', hour);
  clock.ms += 100 * hour;
  expect(logins.refresh(refreshToken, hour)).toBeDefined();
});

test.each(['accessToken', 'refreshToken'] as const)('either token ends the login: %s', (which) => {
  const { keys, logins } = loginsAt();
  const tokens = logins.start('BCDF-GHJK', hour);
  logins.start('LMNP-QRST', hour);
  logins.revoke(tokens[which]);
  expect(keys.list().map(({ name }) => name)).toEqual(['claude-code-lmnp-qrst']);
  expect(logins.refresh(tokens.refreshToken, hour)).toBeUndefined();
});

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
