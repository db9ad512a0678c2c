// Merges the layers once: defaults < Codex's config.toml < codexd's config.toml < environment < flags.
import { Failure } from '../failure.ts';
import { longestText, redact } from '../log/redact.ts';
import { isSocks, redactUserInfo } from './addresses.ts';
import { bootstrapVariables, type Env, unknownVariables, variablesOf } from './env.ts';
import { type ConfigFile, parseConfigFile } from './file.ts';
import { isTable, type Read } from './kinds.ts';
import { nearest } from './nearest.ts';
import { defaultProfile, type Paths, type Place, resolvePaths } from './paths.ts';
import { type Config, type NamedKey, namedKeys, schema } from './schema.ts';

/** Flags by name without dashes, as given: toggles as booleans, lists as every value given. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface LoadOptions extends Place {
  flags: Flags;
  /** The file's text, undefined when there is no such file. */
  readFile: (path: string) => string | undefined;
  /** `--profile` and `--config`; the environment may say them too. */
  profile?: string;
  configFile?: string;
}

/** Where a value comes from. `at`: file and line, variable or flag. */
export interface Source {
  layer: 'default' | 'codex' | 'file' | 'env' | 'flag';
  at: string;
}

export interface Loaded {
  config: Config;
  /** By path, e.g. `server.listen`. */
  sources: Readonly<Record<string, Source>>;
  /** What the user should know and need not act on at once. */
  notices: readonly string[];
  profile: string;
  paths: Paths;
}

/** The settings, or a Failure that names the first thing wrong with them. */
export function load(options: LoadOptions): Loaded {
  const { problems, ...loaded } = inspect(options);
  if (problems[0]) throw problems[0];
  return loaded;
}

/** The settings as far as they are good, and everything that is wrong with them. */
export function inspect(options: LoadOptions): Loaded & { problems: readonly Failure[] } {
  const profile = options.profile ?? (options.env[bootstrapVariables.profile] || defaultProfile);
  const givenFile = options.configFile ?? (options.env[bootstrapVariables.config] || undefined);
  const paths = resolvePaths(options, profile, givenFile);
  const draft = new Draft(options.homedir);

  draft.attempt(() => applyCodexFile(draft, read(options, paths.codexConfigFile)));
  draft.attempt(() => applyFile(draft, read(options, paths.configFile, givenFile !== undefined)));
  if (paths.profileConfigFile !== undefined) {
    const profileFile = paths.profileConfigFile;
    draft.attempt(() => applyFile(draft, read(options, profileFile)));
  }
  applyEnvironment(draft, options.env);
  applyFlags(draft, options.flags);
  refuseSocks(draft, options.env);
  return { ...draft.finish(), profile, paths };
}

/** The values so far, and what was noticed on the way. Lives for one call of `inspect`. */
class Draft {
  readonly problems: Failure[] = [];
  readonly notices: string[] = [];
  readonly #values = new Map<NamedKey, unknown>(namedKeys.map((named) => [named, named.key.default]));
  readonly #sources: Record<string, Source> = Object.fromEntries(
    namedKeys.map((named) => [named.path, { layer: 'default', at: 'default' }]),
  );

  constructor(readonly homedir: string) {}

  value(named: NamedKey): unknown {
    return this.#values.get(named);
  }

  /** Takes a value that was read well, or returns why it cannot be. */
  set(named: NamedKey, read: Read<unknown>, source: Source): string | undefined {
    if ('why' in read) return read.why;
    // No path, address or argument of the system can contain one.
    if (JSON.stringify(read.value)?.includes('\\u0000')) return 'free of NUL characters';
    const value = named.key.kind.isPath ? this.#expanded(read.value) : read.value;
    this.#values.set(named, value);
    this.#sources[named.path] = source;
    return undefined;
  }

  #expanded(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#expanded(one));
    return String(value).replace(/^~(?=[\\/])/, this.homedir);
  }

  /** As `set`, with a problem when it cannot be. */
  must(named: NamedKey, given: unknown, read: Read<unknown>, source: Source): void {
    const why = this.set(named, read, source);
    if (why === undefined) return;
    const what = source.layer === 'file' ? `${source.at}: \`${named.path}\`` : source.at;
    this.problems.push(
      new Failure('invalid_request', `${what} must be ${why}${named.key.secret ? '' : quoted(given)}.`, {
        code: 'invalid_config',
        param: named.path,
        advice: named.key.help,
      }),
    );
  }

  attempt(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      this.problems.push(thrown);
    }
  }

  finish() {
    const config = Object.fromEntries(Object.keys(schema).map((section) => [section, {}])) as Record<
      string,
      Record<string, unknown>
    >;
    for (const [named, value] of this.#values) config[named.section]![named.name] = value;
    return {
      config: frozen(config) as Config,
      sources: frozen(this.#sources),
      notices: this.notices,
      problems: this.problems,
    };
  }
}

/** What was given instead, unless it is a table or a list: those may hold anything. */
function quoted(given: unknown): string {
  return typeof given === 'object'
    ? ''
    : `, not ${redact(redactUserInfo(JSON.stringify(given).slice(0, longestText))).slice(0, 80)}`;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

function read(options: LoadOptions, path: string, mustExist = false): ConfigFile | undefined {
  const text = options.readFile(path);
  if (text !== undefined) return parseConfigFile(path, text);
  if (!mustExist) return undefined;
  throw new Failure('invalid_request', `There is no configuration file ${path}.`, {
    code: 'invalid_config',
    advice: 'Check the path given with --config or CODEXD_CONFIG.',
  });
}

/** Codex's own file: what it says and we do not understand is not our user's mistake, so it is noted and passed over. */
function applyCodexFile(draft: Draft, file: ConfigFile | undefined): void {
  if (!file) return;
  for (const named of namedKeys) {
    const name = named.key.codex;
    if (name === undefined || !Object.hasOwn(file.tables, name)) continue;
    const at = file.where(name);
    const why = draft.set(named, named.key.kind.fromToml(file.tables[name]), { layer: 'codex', at });
    if (why !== undefined) draft.notices.push(`${at}: ignoring \`${name}\`; codexd accepts ${why}.`);
  }
}

function applyFile(draft: Draft, file: ConfigFile | undefined): void {
  if (!file) return;
  for (const [section, table] of Object.entries(file.tables)) {
    if (!Object.hasOwn(schema, section) || !isTable(table)) {
      draft.problems.push(
        unknownSetting(file.where(section), section, isTable(table) ? sectionNames : settingPaths),
      );
      continue;
    }
    for (const [key, value] of Object.entries(table)) applySetting(draft, file, `${section}.${key}`, value);
  }
}

const settable = namedKeys.filter((named) => named.key.only !== 'env');
const settingPaths = settable.map((named) => named.path);
const sectionNames = Object.keys(schema);

function applySetting(draft: Draft, file: ConfigFile, path: string, value: unknown): void {
  const at = file.where(path);
  const named = settable.find((one) => one.path === path);
  if (named) draft.must(named, value, named.key.kind.fromToml(value), { layer: 'file', at });
  else draft.problems.push(unknownSetting(at, path, settingPaths));
}

function unknownSetting(at: string, path: string, known: readonly string[]): Failure {
  const lastWord = path.split('.').at(-1)!;
  const near =
    known.find((one) => one.endsWith(`.${lastWord}`)) ??
    namedKeys.find((named) => named.key.parts.some((part) => part.flag === lastWord))?.path ??
    nearest(path, known);
  return new Failure('invalid_request', `${at}: there is no setting \`${path}\`.`, {
    code: 'invalid_config',
    param: path,
    advice: near === undefined ? 'See `codexd config show` for all settings.' : `Did you mean \`${near}\`?`,
  });
}

function applyEnvironment(draft: Draft, env: Env): void {
  for (const named of namedKeys) {
    for (const { name, given, text, expects, legacy } of variablesOf(named, env, () => draft.value(named))) {
      draft.must(named, given, orWhy(named.key.kind.fromText(text), expects), { layer: 'env', at: name });
      if (legacy) {
        const ours = named.key.env.find((one) => one.startsWith('CODEXD_')) ?? named.variable;
        draft.notices.push(`${name} is deprecated (read as \`${named.path}\`); use ${ours} instead.`);
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
    const given = flag === undefined ? undefined : flags[flag];
    if (given !== undefined) {
      const read = typeof given === 'boolean' ? { value: given } : kind.fromText(textOf(given));
      draft.must(named, given, read, { layer: 'flag', at: `--${flag}` });
    }
    for (const part of parts) {
      const value = flags[part.flag];
      if (value === undefined || typeof value === 'boolean') continue;
      const read = orWhy(kind.fromText(part.read(textOf(value), draft.value(named))), part.expects);
      draft.must(named, textOf(value), read, { layer: 'flag', at: `--${part.flag}` });
    }
  }
}

function orWhy(read: Read<unknown>, expects: string | undefined): Read<unknown> {
  return 'why' in read && expects !== undefined ? { why: expects } : read;
}

function textOf(given: string | readonly string[]): string {
  return typeof given === 'string' ? given : given.join(',');
}

/** Without a proxy of ours Bun takes the usual variables, and has no SOCKS: better said now than at the first turn. */
function refuseSocks(draft: Draft, env: Env): void {
  const proxy = namedKeys.find((named) => named.path === 'upstream.proxy')!;
  if (draft.value(proxy) !== undefined) return;
  const name = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].find((one) => env[one]);
  if (name === undefined || !isSocks(env[name]!)) return;
  draft.problems.push(
    new Failure('invalid_request', `${name} names a SOCKS proxy, which codexd cannot use.`, {
      code: 'invalid_config',
      param: proxy.path,
      advice: `Set CODEXD_PROXY to an http or https proxy, or unset ${name}.`,
    }),
  );
}
