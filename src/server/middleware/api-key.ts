// The daemon's own API keys (docs/wire/openai.md#keys-and-cors), stored as SHA-256 and compared in constant time.

import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../base/sha256.ts';
import { Failure } from '../../failure.ts';
import { type ApiKey, limitsOf } from '../../keys/api-key.ts';
import type { Keyring } from '../../keys/keyring.ts';
import { isAccessToken } from '../../keys/login-tokens.ts';
import { anonymous, type Caller } from '../../turns/record.ts';
import { keyInGatewayToken } from './gateway-token.ts';

/** Keys from common examples: attackers look for servers that use them. */
const sampleKeys = new Set([
  'sk-1234',
  'sk-123456',
  'sk-dummy',
  'sk-test',
  'sk-local',
  'sk-your-key',
  'your-api-key',
  'your_api_key',
  'changeme',
  'change-me',
  'secret',
  'password',
  'test',
  'dummy',
  'none',
  'ollama',
  'lm-studio',
  'api-key',
  'apikey',
  'codexd',
  '123456',
]);

/** The configured plain key as an ApiKey. Throws for a well-known example. */
export function plainApiKey(key: string): ApiKey {
  if (sampleKeys.has(key.toLowerCase())) {
    throw new Failure('invalid_request', 'The configured API key is a well-known example.', {
      code: 'invalid_config',
      advice: 'Choose a random key, for example with `codexd config key add NAME`.',
    });
  }
  return { name: 'api-key', sha256: sha256(key) };
}

/** The caller that the request's key belongs to. Throws `bad_api_key`. */
export function callerOf(headers: Headers, keys: Keyring): Caller {
  const sent = keysIn(headers);
  for (const text of sent) {
    const key = keys.find(text);
    if (key === undefined) continue;
    const { name, sha256: keySha256, models } = key;
    return { name, keySha256, models, limits: limitsOf(key) };
  }
  if (sent.some(isAccessToken)) throw loginEnded();
  if (!keys.isRequired) return anonymous;
  throw new Failure(
    'bad_api_key',
    sent.length === 0
      ? 'This daemon requires one of its own API keys.'
      : "This is not one of codexd's own API keys.",
    {
      code: 'invalid_api_key',
      // Does not name Anthropic's header: Claude Code would show only "Please run /login".
      advice: 'Send a codexd key as a bearer token; an OpenAI or Anthropic key does not work here.',
    },
  );
}

/** Also where callers need no key: otherwise nobody would notice that a login was revoked. */
function loginEnded(): Failure {
  return new Failure('bad_api_key', 'This login to codexd was revoked or has expired.', {
    code: 'login_ended',
    advice: 'Log in again.',
  });
}

/** All keys of a request, also inside gateway tokens. Clients may send several; one valid key is enough. */
function keysIn(headers: Headers): string[] {
  const bearer = /^bearer\s+(\S.*)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1];
  return [bearer, headers.get('x-api-key'), headers.get('api-key')]
    .map((key) => key?.trim())
    .filter((key): key is string => key !== undefined && key !== '')
    .flatMap((key) => [key, keyInGatewayToken(key) ?? []].flat());
}

/** Compares in constant time. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a), 'hex'), Buffer.from(sha256(b), 'hex'));
}
