// The daemon's API keys (docs/wire/openai.md#keys-and-cors).

import { describe, expect, test } from 'bun:test';
import { sha256 } from '../../../src/base/sha256.ts';
import type { Failure } from '../../../src/failure.ts';
import { createKeyring } from '../../../src/keys/keyring.ts';
import { callerOf as callerIn, plainApiKey } from '../../../src/server/middleware/api-key.ts';
import { gatewayToken } from '../../../src/server/middleware/gateway-token.ts';

const laptop = { name: 'laptop', sha256: sha256('cdx_laptop'), models: ['gpt-5*'], perMinute: 30 };
const keyring = createKeyring([plainApiKey('a key of ours'), laptop]);
const callerOf = (headers: Record<string, string>) => callerIn(new Headers(headers), keyring);
const refusalOf = (headers: Record<string, string>): Failure => {
  try {
    callerOf(headers);
  } catch (thrown) {
    return thrown as Failure;
  }
  throw new Error('let in');
};

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const jwt = (claims: object, signature: string) =>
  [JSON.stringify({ alg: 'none', typ: 'JWT' }), JSON.stringify(claims), signature].map(base64url).join('.');

describe('a key', () => {
  const accepted: [name: string, headers: Record<string, string>, caller: string][] = [
    ['as a bearer', { authorization: 'Bearer cdx_laptop' }, 'laptop'],
    ['with spaces in it', { authorization: 'Bearer a key of ours' }, 'api-key'],
    ['with the scheme in any case, and space around', { authorization: '  bEARER   cdx_laptop  ' }, 'laptop'],
    ['as x-api-key', { 'x-api-key': 'cdx_laptop' }, 'laptop'],
    ['as api-key', { 'api-key': ' cdx_laptop ' }, 'laptop'],
    [
      'in one of several headers',
      { authorization: 'Bearer sk-dummy', 'x-api-key': 'no', 'api-key': 'cdx_laptop' },
      'laptop',
    ],
    [
      'in the gateway token of Claude Code',
      { authorization: `Bearer ${gatewayToken('cdx_laptop')}` },
      'laptop',
    ],
    ['in a gateway token, with spaces in it', { 'x-api-key': gatewayToken('a key of ours') }, 'api-key'],
    ['beside an empty one', { authorization: 'Bearer ', 'x-api-key': 'cdx_laptop' }, 'laptop'],
  ];
  test.each(accepted)('%s', (_, headers, caller) => {
    expect(callerOf(headers).name).toBe(caller);
  });

  test('brings what it may do', () => {
    expect(callerOf({ 'x-api-key': 'cdx_laptop' })).toEqual({
      name: 'laptop',
      keySha256: sha256('cdx_laptop'),
      models: ['gpt-5*'],
      limits: { perMinute: 30 },
    });
    expect(callerOf({ 'x-api-key': 'a key of ours' })).toEqual({
      name: 'api-key',
      keySha256: sha256('a key of ours'),
      models: undefined,
      limits: {},
    });
  });

  const refused: [name: string, headers: Record<string, string>][] = [
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer cdx_Laptop' }],
    ['a wrong one in a gateway token', { authorization: `Bearer ${gatewayToken('cdx_Laptop')}` }],
    ['a gateway token with more behind it', { authorization: `Bearer ${gatewayToken('cdx_laptop')}.x` }],
    ['a gateway token without a key', { authorization: `Bearer ${gatewayToken('')}` }],
    ['a key in a JWT for somebody else', { authorization: `Bearer ${jwt({ aud: 'other' }, 'cdx_laptop')}` }],
    ['a longer one', { authorization: 'Bearer cdx_laptop2' }],
    ['its hash', { 'x-api-key': sha256('cdx_laptop') }],
    ['another scheme', { authorization: 'Basic cdx_laptop' }],
    ['no scheme', { authorization: 'cdx_laptop' }],
    ['an empty one', { 'x-api-key': '' }],
  ];
  test.each(refused)('%s is refused', (_, headers) => {
    const failure = refusalOf(headers);
    expect(failure).toMatchObject({ kind: 'bad_api_key', status: 401, code: 'invalid_api_key' });
    expect(failure.message + failure.advice).not.toContain('cdx_');
  });

  test('the answer says whether one was sent', () => {
    // Claude Code treats an error with that word as a missing login of its own.
    expect(refusalOf({}).advice).not.toContain('x-api-key');
    expect(refusalOf({}).message).toBe('This daemon requires one of its own API keys.');
    expect(refusalOf({ 'x-api-key': 'x' }).message).toBe("This is not one of codexd's own API keys.");
  });

  test('without keys everybody is let in, whatever they send', () => {
    const open = createKeyring([]);
    expect(open.isRequired).toBe(false);
    expect(callerIn(new Headers({ authorization: 'Bearer sk-dummy' }), open).name).toBe('anonymous');
  });
});

describe('keys that stand in every example', () => {
  test.each(['sk-1234', 'SK-DUMMY', 'changeme', 'your-api-key', 'ollama', 'none'])(
    '%s is refused at start',
    (key) => {
      expect(() => plainApiKey(key)).toThrow('The configured API key is a well-known example.');
    },
  );

  test('only the hash of a key is kept', () => {
    const key = plainApiKey('a key of ours');
    expect(JSON.stringify(key)).not.toContain('a key of ours');
    expect(key.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
