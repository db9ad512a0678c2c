import { describe, expect, test } from 'bun:test';
import { claimsOf, readClaims } from '../../src/auth/jwt.ts';
import { accessToken, accountId, jwt } from './support.ts';

describe('claims', () => {
  test('an access token contains account, plan, user, email (in the profile) and expiry', () => {
    expect(readClaims(accessToken({ expiresAtMs: 1_800_000_000_000 }))).toEqual({
      email: 'a@example.com',
      plan: 'plus',
      userId: 'user-1',
      accountId,
      fedramp: false,
      expiresAtMs: 1_800_000_000_000,
    });
  });

  test('an ID token has the email at the top level, and may have user_id instead of chatgpt_user_id', () => {
    const auth = { user_id: 'user-2', chatgpt_account_is_fedramp: true };
    const claims = readClaims(jwt({ email: 'ü@example.com', 'https://api.openai.com/auth': auth }));
    expect(claims).toMatchObject({ email: 'ü@example.com', userId: 'user-2', fedramp: true });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['empty', ''],
    ['an opaque token', 'at-abcdefgh'],
    ['no base64', 'a.%%%.c'],
    ['no JSON', `a.${Buffer.from('{').toString('base64url')}.c`],
    ['a JSON string', `a.${Buffer.from('"x"').toString('base64url')}.c`],
    ['claims of the wrong type', jwt({ email: 5, exp: 'soon', 'https://api.openai.com/auth': 'x' })],
  ])('%s has no claims and throws nothing', (_, token) => {
    expect(Object.values(readClaims(token)).filter(Boolean)).toEqual([]);
  });

  test('the access token takes precedence over the ID token, which a refresh may not replace', () => {
    const old = jwt({
      email: 'old@example.com',
      exp: 1,
      'https://api.openai.com/auth': { chatgpt_plan_type: 'free' },
    });
    const claims = claimsOf({ access_token: accessToken({ expiresAtMs: 5_000 }), id_token: old });
    expect(claims).toMatchObject({ plan: 'plus', email: 'a@example.com', expiresAtMs: 5_000 });
    expect(claimsOf({ access_token: 'opaque', id_token: old })).toMatchObject({
      plan: 'free',
      expiresAtMs: undefined,
    });
  });
});
