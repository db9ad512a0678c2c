// Who may call: the daemon's own API keys (docs/wire/openai.md#keys-and-cors). Kept and compared as SHA-256, in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../failure.ts';
import type { Caller } from '../../turns/record.ts';
import { keyInGatewayToken } from './gateway-token.ts';

export interface ApiKey {
  name: string;
  /** SHA-256 of the key, 64 hex digits. */
  sha256: string;
  models?: string[] | undefined;
  perMinute?: number | undefined;
}

/** Keys that stand in examples everywhere; open servers with them are found and drained. */
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

/** The configured plain key as an ApiKey. Throws when it is one that everybody knows. */
export function plainApiKey(key: string): ApiKey {
  if (sampleKeys.has(key.toLowerCase())) {
    throw new Failure('invalid_request', 'The configured API key is a well-known example.', {
      code: 'invalid_config',
      advice: 'Choose a random one, for example with `codexd config key add NAME`.',
    });
  }
  return { name: 'api-key', sha256: sha256(key) };
}

export interface Keyring {
  /** The caller of a request. Throws `bad_api_key`. */
  callerOf(headers: Headers): Caller & { perMinute: number | undefined };
  readonly isEmpty: boolean;
}

export function createKeyring(keys: ApiKey[]): Keyring {
  const known = keys.map((key) => ({ key, digest: Buffer.from(key.sha256, 'hex') }));
  return {
    isEmpty: keys.length === 0,
    callerOf(headers) {
      if (known.length === 0) return { name: 'anonymous', models: undefined, perMinute: undefined };
      const given = givenKeys(headers);
      for (const text of given) {
        const digest = Buffer.from(sha256(text), 'hex');
        const match = known.find((each) => timingSafeEqual(each.digest, digest));
        if (match !== undefined) {
          const { name, models, perMinute } = match.key;
          return { name, models, perMinute };
        }
      }
      throw new Failure(
        'bad_api_key',
        given.length === 0
          ? 'This codexd requires one of its own API keys.'
          : "This is not one of codexd's own API keys.",
        {
          code: 'invalid_api_key',
          // Not the name of Anthropic's header: an error with it makes Claude Code say "Please run /login" and nothing else.
          advice: 'Send one of them as a bearer token; an OpenAI or Anthropic key does not work here.',
        },
      );
    },
  };
}

/** Every key a request carries, as it is and out of a gateway token; clients may send several, and any valid one passes. */
function givenKeys(headers: Headers): string[] {
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

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
