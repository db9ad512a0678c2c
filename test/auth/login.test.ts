import { describe, expect, test } from 'bun:test';
import { isExpired, isRefreshDue, loginFromToken, readLogin } from '../../src/auth/login.ts';
import type { AuthFile } from '../../src/auth/store.ts';
import { accessToken, accountId } from './support.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const tokens = { id_token: 'i', access_token: accessToken(), refresh_token: 'r', account_id: accountId };

describe('reading a login', () => {
  test.each<[string, AuthFile, object]>([
    [
      'a ChatGPT login',
      { auth_mode: 'chatgpt', tokens },
      { kind: 'chatgpt', refreshToken: 'r', claims: { accountId } },
    ],
    ['an old file without auth_mode', { tokens }, { kind: 'chatgpt' }],
    [
      'an old file with a platform key beside the tokens',
      { OPENAI_API_KEY: 'sk-x', tokens },
      { kind: 'chatgpt' },
    ],
    [
      'tokens of a host application, which codexd never refreshes',
      { auth_mode: 'chatgptAuthTokens', tokens },
      { kind: 'external', refreshToken: undefined },
    ],
    [
      'tokens in the spelling of other tools, which refresh them themselves',
      { authMode: 'chatgpt', tokens: { accessToken: 'a', accountId: 'acc', refreshToken: 'r' } },
      { kind: 'external', accessToken: 'a', refreshToken: undefined, claims: { accountId: 'acc' } },
    ],
    [
      "other tools' auth_mode for external tokens",
      { auth_mode: 'chatgpt_auth_tokens', tokens },
      { kind: 'external', refreshToken: undefined },
    ],
    [
      'a personal access token',
      { OPENAI_API_KEY: null, personal_access_token: 'at-12345678' },
      { kind: 'personal', accessToken: 'at-12345678' },
    ],
    [
      'a login without refresh token',
      { auth_mode: 'chatgpt', tokens: { access_token: 'a', refresh_token: '' } },
      { kind: 'chatgpt', refreshToken: undefined },
    ],
    [
      'an unreadable access token: the account is taken from the file',
      { tokens: { access_token: 'opaque', account_id: 'acc' } },
      { claims: { accountId: 'acc' } },
    ],
  ])('%s', (_, auth, expected) => {
    expect(readLogin(auth, 'The login')).toMatchObject(expected);
  });

  test.each<[string, AuthFile, string]>([
    [
      'an API key',
      { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' },
      'The login contains an OpenAI API key but no ChatGPT login.',
    ],
    [
      'an API key in an old file',
      { OPENAI_API_KEY: 'sk-x' },
      'The login contains an OpenAI API key but no ChatGPT login.',
    ],
    [
      'an API key with old tokens left',
      { auth_mode: 'apikey', tokens },
      'The login contains an OpenAI API key but no ChatGPT login.',
    ],
    ['nothing', {}, 'The login contains no login.'],
    ['no tokens for its mode', { auth_mode: 'chatgpt' }, 'The login contains no access token.'],
    ['bedrock', { auth_mode: 'bedrockApiKey' }, 'The login has the unsupported auth_mode "bedrockApiKey".'],
    [
      'an agent identity',
      { auth_mode: 'agentIdentity' },
      'The login has the unsupported auth_mode "agentIdentity".',
    ],
  ])('%s is named clearly', (_, auth, message) => {
    expect(() => readLogin(auth, 'The login')).toThrow(
      expect.objectContaining({
        kind: 'login_required',
        message,
        advice: 'Run `codexd login` to log in with ChatGPT.',
      }),
    );
  });

  test('a bare token is external, or personal by its prefix', () => {
    expect(loginFromToken(accessToken())).toMatchObject({ kind: 'external', claims: { accountId } });
    expect(loginFromToken('at-12345678')).toMatchObject({ kind: 'personal', claims: {} });
    expect(loginFromToken('Bearer at-12345678 ')).toMatchObject({
      kind: 'personal',
      accessToken: 'at-12345678',
    });
  });
});

describe('when a refresh is due', () => {
  const login = (expiresAtMs: number | undefined, ageMs?: number) =>
    readLogin(
      {
        tokens: { access_token: accessToken({ expiresAtMs }) },
        last_refresh: ageMs === undefined ? undefined : new Date(nowMs - ageMs).toISOString(),
      },
      '',
    );

  test.each([
    ['fresh', nowMs + dayMs, undefined, false, false],
    ['just over five minutes', nowMs + 5 * minuteMs + 1_000, undefined, false, false],
    ['five minutes', nowMs + 5 * minuteMs, undefined, true, false],
    ['expired', nowMs, undefined, true, true],
    ['fresh, though refreshed long ago: the eight days do not count', nowMs + dayMs, 9 * dayMs, false, false],
    ['no expiry, eight days old', undefined, 8 * dayMs, true, false],
    ['no expiry, seven days old', undefined, 7 * dayMs, false, false],
    ['neither expiry nor last refresh', undefined, undefined, false, false],
  ])('%s', (_, expiresAtMs, ageMs, due, expired) => {
    const subject = login(expiresAtMs, ageMs);
    expect([isRefreshDue(subject, nowMs), isExpired(subject, nowMs)]).toEqual([due, expired]);
  });

  test('last_refresh may have nanoseconds', () => {
    const auth = { tokens: { access_token: 'a' }, last_refresh: '2026-11-20T15:23:01.123456789Z' };
    expect(readLogin(auth, '').lastRefreshMs).toBe(Date.parse('2026-11-20T15:23:01.123Z'));
  });
});
