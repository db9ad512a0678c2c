// The options that the whole library shares, and the setup created from them.
import { homeDirectory, readSettingsFile } from '../app/machine.ts';
import { configuredSecrets, type Setup } from '../app/setup.ts';
import { type Env, processEnv } from '../config/env.ts';
import { load } from '../config/load.ts';
import type { Config, SectionName } from '../config/schema.ts';
import { KnownSecrets } from '../log/redact.ts';
import { createLog, type Log, silentLog } from '../log.ts';
import { chooseFetch, forNode } from './node/fetch.ts';

type SnakeCase<Name extends string> = Name extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Rest>}`
  : Name;

/** Settings that are lists of tables in config.toml. */
type Tables = { keys: readonly Record<string, unknown>[]; engines: readonly Record<string, unknown>[] };

/** The settings of codexd by section, named as in config.toml: `{ models: { default: 'gpt-5.5' } }`. */
export type Settings = {
  [Section in SectionName]?: {
    [Name in keyof Config[Section] & string as SnakeCase<Name>]?: Name extends keyof Tables
      ? Tables[Name]
      : Config[Section][Name];
  };
};

export interface LibraryOptions {
  /** Settings that override config.toml and the environment. An unknown or invalid one throws a Failure, `invalid_config`. */
  settings?: Settings;
  /** The profile, whose login and settings apply. Default: `CODEXD_PROFILE`, else `default`. */
  profile?: string;
  /** Default: `CODEXD_CONFIG`, else config.toml in codexd's configuration directory. */
  configFile?: string;
  /** The environment to read variables from. Default: that of the process. */
  env?: Env;
  /** Gets each log line as JSON, from `settings.log.level` up. Default: nothing is logged. Lines never contain credentials. */
  log?: (line: string) => void;
  /** Sends all requests to ChatGPT and the login server, instead of the global `fetch`. */
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
}

/**
 * Reads the settings. Throws a Failure if one is invalid.
 * @internal
 */
export function openSetup(options: LibraryOptions): Setup {
  const env = options.env ?? processEnv();
  const homedir = env.HOME || homeDirectory();
  const loaded = load({
    ...{ env, homedir, platform: process.platform, flags: {}, readFile: readSettingsFile },
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
  });
  const { sources, paths, notices } = loaded;
  const config = forNode(loaded.config);
  const secrets = new KnownSecrets();
  secrets.add(...configuredSecrets(config, env));
  const log = openLog(options, config, secrets);
  for (const notice of notices) log.warn(notice);
  const fetch = chooseFetch(config, options.fetch);
  return {
    ...{ config, sources, paths, log, secrets, homedir, env },
    ...(fetch === undefined ? {} : { fetch }),
    atExit: (act) => {
      process.on('exit', act);
      return () => process.off('exit', act);
    },
  };
}

function openLog({ log: write }: LibraryOptions, config: Config, { redact }: KnownSecrets): Log {
  if (write === undefined) return silentLog;
  const { level } = config.log;
  return createLog({ level, format: 'json', redact, write: (line) => write(line.trimEnd()) });
}
