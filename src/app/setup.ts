// What the services are made from: the settings, and what the process provides.
import type { Source } from '../config/draft.ts';
import type { Env } from '../config/env.ts';
import type { Paths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import type { KnownSecrets } from '../log/redact.ts';
import type { Log } from '../log.ts';

export interface Setup {
  config: Config;
  /** Where each setting comes from, by its path; for messages. */
  sources?: Readonly<Record<string, Source>>;
  paths: Paths;
  log: Log;
  secrets: KnownSecrets;
  homedir: string;
  env: Env;
  /** Runs `act` when the process exits, unless the function it returns was called before. */
  atExit(act: () => void): () => void;
}
