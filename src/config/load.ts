// Merges the layers: defaults < the Codex CLI's config.toml < codexd's config.toml < credentials < environment < flags, or the
// options of the library.
import { posix } from 'node:path';
import { Failure } from '../failure.ts';
import { isSocks } from './addresses.ts';
import { Draft, type Source } from './draft.ts';
import { bootstrapVariables, type Env, unknownVariables, variablesOf } from './env.ts';
import { type ConfigFile, parseConfigFile } from './file.ts';
import { isTable, type ParseResult } from './kinds.ts';
import { nearest } from './nearest.ts';
import { defaultProfile, type PathContext, type Paths, resolvePaths } from './paths.ts';
import { type Config, namedKeys, schema } from './schema.ts';

/** Flags by name, without dashes: toggles as booleans, lists with every value. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface LoadOptions extends PathContext {
  flags: Flags;
  /** By section and name as in config.toml: the options of a program that uses the library. */
  settings?: Readonly<Record<string, unknown>>;
  /** The file's text; undefined if there is no such file. */
  readFile: (path: string) => string | undefined;
  /** `--profile` and `--config`; the environment may set them too. */
  profile?: string;
  configFile?: string;
}

export interface Loaded {
  config: Config;
  /** By path, e.g. `server.listen`. */
  sources: Readonly<Record<string, Source>>;
  /** Warnings for the user. */
  notices: readonly string[];
  profile: string;
  paths: Paths;
}

/** Loads the settings; throws the first problem. */
export function load(options: LoadOptions): Loaded {
  const { problems, ...loaded } = inspect(options);
  if (problems[0]) throw problems[0];
  return loaded;
}

/** Loads the settings as far as they are valid, with all problems. */
export function inspect(options: LoadOptions): Loaded & { problems: readonly Failure[] } {
  const profile = options.profile ?? (options.env[bootstrapVariables.profile] || defaultProfile);
  const chosenFile = options.configFile ?? (options.env[bootstrapVariables.config] || undefined);
  const paths = resolvePaths(options, profile, chosenFile);
  const draft = new Draft(options.homedir);

  draft.attempt(() => applyCodexFile(draft, readConfigFile(options, paths.codexConfigFile)));
  draft.attempt(() => applyFile(draft, readConfigFile(options, paths.configFile, chosenFile !== undefined)));
  if (paths.profileConfigFile !== undefined) {
    const profileFile = paths.profileConfigFile;
    draft.attempt(() => applyFile(draft, readConfigFile(options, profileFile)));
  }
  applyCredentials(draft, options);
  applyEnvironment(draft, options.env);
  applyFlags(draft, options.flags);
  applyOptions(draft, options.settings ?? {});
  rejectSocksProxy(draft, options.env);
  rejectTrustOfNobody(draft);
  return { ...draft.finish(), profile, paths };
}

function readConfigFile(options: LoadOptions, path: string, mustExist = false): ConfigFile | undefined {
  const text = options.readFile(path);
  if (text !== undefined) return parseConfigFile(path, text);
  if (!mustExist) return undefined;
  throw new Failure('invalid_request', `The configuration file ${path} does not exist.`, {
    code: 'invalid_config',
    advice: 'Check the path in --config or CODEXD_CONFIG.',
  });
}

/** Invalid values in the Codex CLI's own file are not mistakes of the user, so they only cause notices. */
function applyCodexFile(draft: Draft, file: ConfigFile | undefined): void {
  if (!file) return;
  for (const named of namedKeys) {
    const name = named.key.codex;
    if (name === undefined || !Object.hasOwn(file.tables, name)) continue;
    const at = file.locate(name);
    const why = draft.set(named, named.key.kind.fromToml(file.tables[name]), { layer: 'codex', at });
    if (why !== undefined) draft.notices.push(`${at}: ignoring \`${name}\`; codexd accepts ${why}.`);
  }
}

function applyFile(draft: Draft, file: ConfigFile | undefined): void {
  if (!file) return;
  applyTables(draft, file.tables, (path) => ({ layer: 'file', at: file.locate(path) }));
}

function applyOptions(draft: Draft, settings: Readonly<Record<string, unknown>>): void {
  applyTables(draft, settings, (path) => ({ layer: 'option', at: `settings.${path}` }));
}

function applyTables(
  draft: Draft,
  tables: Readonly<Record<string, unknown>>,
  sourceOf: (path: string) => Source,
): void {
  for (const [section, table] of Object.entries(tables)) {
    if (!Object.hasOwn(schema, section) || !isTable(table)) {
      draft.problems.push(
        unknownSetting(sourceOf(section).at, section, isTable(table) ? sectionNames : settingPaths),
      );
      continue;
    }
    for (const [key, value] of Object.entries(table)) {
      const path = `${section}.${key}`;
      if (value !== undefined) applySetting(draft, path, value, sourceOf(path));
    }
  }
}

const settable = namedKeys.filter((named) => named.key.only !== 'env');
const settingPaths = settable.map((named) => named.path);
const sectionNames = Object.keys(schema);

function applySetting(draft: Draft, path: string, value: unknown, source: Source): void {
  const known = source.layer === 'option' ? namedKeys : settable;
  const named = known.find((one) => one.path === path);
  if (named) draft.setOrReport(named, value, named.key.kind.fromToml(value), source);
  else draft.problems.push(unknownSetting(source.at, path, settingPaths));
}

function unknownSetting(at: string, path: string, known: readonly string[]): Failure {
  const lastWord = path.split('.').at(-1)!;
  const suggestion =
    known.find((one) => one.endsWith(`.${lastWord}`)) ??
    namedKeys.find((named) => named.key.parts.some((part) => part.flag === lastWord))?.path ??
    nearest(path, known);
  return new Failure('invalid_request', `${at}: unknown setting \`${path}\`.`, {
    code: 'invalid_config',
    param: path,
    advice:
      suggestion === undefined
        ? 'Run `codexd config show` for all settings.'
        : `Did you mean \`${suggestion}\`?`,
  });
}

/**
 * Secrets from files of the service manager, which only the service can read. Each is named after its setting, such as
 * `server.api_key`. https://systemd.io/CREDENTIALS/
 */
function applyCredentials(draft: Draft, { env, readFile }: LoadOptions): void {
  const directory = env.CREDENTIALS_DIRECTORY;
  if (!directory?.startsWith('/')) return;
  for (const named of namedKeys.filter(({ key }) => key.secret)) {
    const at = posix.join(directory, named.path);
    draft.attempt(() => {
      const text = readFile(at)?.trim();
      if (text) draft.setOrReport(named, text, named.key.kind.fromText(text), { layer: 'credential', at });
    });
  }
}

function applyEnvironment(draft: Draft, env: Env): void {
  for (const named of namedKeys) {
    for (const { name, rawValue, text, expects, legacy } of variablesOf(named, env, () =>
      draft.value(named),
    )) {
      draft.setOrReport(named, rawValue, withExpectation(named.key.kind.fromText(text), expects), {
        layer: 'env',
        at: name,
      });
      if (legacy) {
        const replacement = named.key.env.find((one) => one.startsWith('CODEXD_')) ?? named.variable;
        draft.notices.push(`${name} is deprecated (read as \`${named.path}\`); use ${replacement} instead.`);
      }
    }
  }
  for (const { name, near } of unknownVariables(env)) {
    draft.notices.push(`${name} is not a codexd variable${near ? `; did you mean ${near}?` : '.'}`);
  }
}

function applyFlags(draft: Draft, flags: Flags): void {
  for (const named of namedKeys) {
    const { flag, kind, parts } = named.key;
    const rawValue = flag === undefined ? undefined : flags[flag];
    if (rawValue !== undefined) {
      const read = typeof rawValue === 'boolean' ? { value: rawValue } : kind.fromText(textOf(rawValue));
      draft.setOrReport(named, rawValue, read, { layer: 'flag', at: `--${flag}` });
    }
    for (const part of parts) {
      const value = flags[part.flag];
      if (value === undefined || typeof value === 'boolean') continue;
      const read = withExpectation(kind.fromText(part.read(textOf(value), draft.value(named))), part.expects);
      draft.setOrReport(named, textOf(value), read, { layer: 'flag', at: `--${part.flag}` });
    }
  }
}

function withExpectation(result: ParseResult<unknown>, expects: string | undefined): ParseResult<unknown> {
  return 'why' in result && expects !== undefined ? { why: expects } : result;
}

function textOf(rawValue: string | readonly string[]): string {
  return typeof rawValue === 'string' ? rawValue : rawValue.join(',');
}

/** Without `upstream.proxy`, Bun uses these variables, but it does not support SOCKS: rejected now rather than at the first turn. */
function rejectSocksProxy(draft: Draft, env: Env): void {
  const proxy = namedKeys.find((named) => named.path === 'upstream.proxy')!;
  if (draft.value(proxy) !== undefined) return;
  const name = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].find((one) => env[one]);
  if (name === undefined || !isSocks(env[name]!)) return;
  draft.problems.push(
    new Failure('invalid_request', `${name} is a SOCKS proxy, which codexd does not support.`, {
      code: 'invalid_config',
      param: proxy.path,
      advice: `Set CODEXD_PROXY to an http or https proxy, or unset ${name}.`,
    }),
  );
}

/** Every request through `tailscale serve` would be refused. */
function rejectTrustOfNobody(draft: Draft): void {
  const settingAt = (path: string) => draft.value(namedKeys.find((named) => named.path === path)!);
  const logins = settingAt('tailscale.allowed_logins');
  if (settingAt('tailscale.trust_identity') !== true || (Array.isArray(logins) && logins.length > 0)) return;
  draft.problems.push(
    new Failure('invalid_request', '`tailscale.trust_identity` is set, but no login is allowed.', {
      code: 'invalid_config',
      param: 'tailscale.allowed_logins',
      advice: 'List logins in `tailscale.allowed_logins`, for example "me@example.com".',
    }),
  );
}
