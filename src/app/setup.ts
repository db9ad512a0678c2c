// What services are created from: the settings, and functions of the process.
import type { Source } from '../config/draft.ts';
import type { Env } from '../config/env.ts';
import type { Paths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { KnownSecrets } from '../log/redact.ts';
import type { Log } from '../log.ts';
import type { Fetch } from '../upstream/transport.ts';

export interface Setup {
  config: Config;
  /** The source of each setting, by its path, for messages. */
  sources?: Readonly<Record<string, Source>>;
  paths: Paths;
  log: Log;
  secrets: KnownSecrets;
  homedir: string;
  env: Env;
  /** Runs `act` when the process exits, unless the function it returns was called before. */
  atExit(act: () => void): () => void;
  /** Reads `server.keys` again, for a daemon whose keys are added and removed while it runs. */
  readKeys?: () => readonly ApiKey[];
  /** Sends all requests in place of the process's own `fetch`. */
  fetch?: Fetch;
  /** Records or replaces the requests of the services. It receives decompressed responses. */
  wrapFetch?: (fetch: Fetch) => Fetch;
}

/** Credentials that the settings contain. The login adds its own as it changes. */
export function configuredSecrets(
  { auth, server, store, transcription }: Config,
  env: Env,
): (string | undefined)[] {
  const engines = transcription.engines.flatMap(({ apiKeyEnv = '', headers = {} }) => [
    env[apiKeyEnv],
    ...Object.values(headers),
  ]);
  const redisPassword = URL.parse(store.redisUrl ?? '')?.password;
  return [auth.bearer, auth.accountId, server.apiKey, transcription.hfToken, redisPassword, ...engines];
}
