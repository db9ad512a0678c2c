// The API keys that the daemon accepts.
import { join } from 'node:path';
import type { Paths } from '../config/paths.ts';
import { IssuedKeys } from '../keys/issued-keys.ts';
import { type Keyring, LiveKeyring } from '../keys/keyring.ts';
import { plainApiKey } from '../server/middleware/api-key.ts';
import type { Setup } from './setup.ts';

export function issuedKeysOf({ paths }: { paths: Paths }): IssuedKeys {
  return new IssuedKeys(join(paths.stateDir, 'issued-keys.json'), Date.now);
}

/** With `no_api_key`, callers do not need a key, and none has limits; programs may still log in and be revoked. */
export function keyringOf({ config: { server }, paths, log, readKeys }: Setup, issued: IssuedKeys): Keyring {
  const plain = server.apiKey === undefined ? [] : [plainApiKey(server.apiKey)];
  return new LiveKeyring({
    configured: () => (server.noApiKey ? [] : [...plain, ...(readKeys?.() ?? server.keys)]),
    issued: () => issued.accepted(),
    files: [paths.configFile, paths.profileConfigFile ?? [], issued.path].flat(),
    log,
    nowMs: Date.now,
    uptimeMs: () => performance.now(),
  });
}
