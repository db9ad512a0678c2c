import { describe, expect, test } from 'bun:test';
import { isDue, isExpired, loginOfToken, readLogin } from '../../src/auth/login.ts';
import type { AuthFile } from '../../src/auth/store.ts';
import { accessToken, accountId } from './support.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const tokens = { id_token: 'i', access_token: accessToken(), refresh_token: 'r', account_id: accountId };

describe('what a file holds (upstream-codex.md 3)', () => {
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
      'tokens lent by a host application: never ours to renew',
      { auth_mode: 'chatgptAuthTokens', tokens },
      { kind: 'external', refreshToken: undefined },
    ],
    [
      'asr.md 1.8: tokens as other tools spell them, which they renew themselves',
      { authMode: 'chatgpt', tokens: { accessToken: 'a', accountId: 'acc', refreshToken: 'r' } },
      { kind: 'external', accessToken: 'a', refreshToken: undefined, claims: { accountId: 'acc' } },
    ],
    [
      'asr.md 1.8: their name for lent tokens',
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
      'The login holds an OpenAI API key and no ChatGPT login.',
    ],
    [
      'an API key in an old file',
      { OPENAI_API_KEY: 'sk-x' },
      'The login holds an OpenAI API key and no ChatGPT login.',
    ],
    [
      'an API key with old tokens left',
      { auth_mode: 'apikey', tokens },
      'The login holds an OpenAI API key and no ChatGPT login.',
    ],
    ['nothing', {}, 'The login holds no login.'],
    ['nothing of its kind', { auth_mode: 'chatgpt' }, 'The login holds no access token.'],
    [
      'bedrock',
      { auth_mode: 'bedrockApiKey' },
      'The login is of the kind "bedrockApiKey", which codexd cannot use.',
    ],
    [
      'an agent identity',
      { auth_mode: 'agentIdentity' },
      'The login is of the kind "agentIdentity", which codexd cannot use.',
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

  test('a bare token is lent, or personal when it says so', () => {
    expect(loginOfToken(accessToken())).toMatchObject({ kind: 'external', claims: { accountId } });
    expect(loginOfToken('at-12345678')).toMatchObject({ kind: 'personal', claims: {} });
    expect(loginOfToken('Bearer at-12345678 ')).toMatchObject({
      kind: 'personal',
      accessToken: 'at-12345678',
    });
  });
});

describe('when it is due (upstream-codex.md 4.1)', () => {
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
    ['no expiry and no date: a 401 will tell', undefined, undefined, false, false],
  ])('%s', (_, expiresAtMs, ageMs, due, expired) => {
    const subject = login(expiresAtMs, ageMs);
    expect([isDue(subject, nowMs), isExpired(subject, nowMs)]).toEqual([due, expired]);
  });

  test('nanoseconds in last_refresh are understood', () => {
    const auth = { tokens: { access_token: 'a' }, last_refresh: '2026-11-20T15:23:01.123456789Z' };
    expect(readLogin(auth, '').lastRefreshMs).toBe(Date.parse('2026-11-20T15:23:01.123Z'));
  });
});
