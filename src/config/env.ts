// The environment, which only this file reads, and the names of its variables.
import { nearest } from './nearest.ts';
import { type NamedKey, namedKeys } from './schema.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export function processEnv(): Env {
  return process.env;
}

/** A setting's value in a variable. */
export interface Variable {
  name: string;
  /** The variable's value. */
  rawValue: string;
  /** The same value in the setting's own format. */
  text: string;
  /** Completes "must be …"; defaults to that of the setting's kind. */
  expects?: string;
  /** Whether the variable belongs to an older project. */
  legacy: boolean;
}

/** The variables that select the profile and the file, unless a flag does. */
export const bootstrapVariables = { profile: 'CODEXD_PROFILE', config: 'CODEXD_CONFIG' } as const;

/** Set by codexd when it restarts itself: the variables it removed. */
export const ignoredVariablesName = 'CODEXD_IGNORED_VARIABLES';

/** The variables that set `named`, in the order they apply. An empty variable counts as not set. */
export function* variablesOf(named: NamedKey, env: Env, current: () => unknown): Generator<Variable> {
  if (named.key.only === 'file') return;
  const own = namesOf(named).find((name) => env[name]);
  if (own !== undefined) yield { name: own, rawValue: env[own]!, text: env[own]!, legacy: false };
  else yield* legacyVariable(named, env, current);
  for (const part of named.key.parts) {
    // A legacy variable for a part does not change the value of codexd's own variable.
    const name = [part.env, own === undefined ? part.legacyEnv : undefined].find((one) => one && env[one]);
    if (name === undefined) continue;
    const rawValue = env[name]!;
    const text = part.read(rawValue, current());
    yield { name, rawValue, text, expects: part.expects, legacy: name === part.legacyEnv };
  }
}

function* legacyVariable(named: NamedKey, env: Env, current: () => unknown): Generator<Variable> {
  for (const { name, read } of named.key.legacyEnv) {
    const value = env[name];
    if (!value) continue;
    const text = read ? read(value, current()) : value;
    if (text !== undefined) yield { name, rawValue: value, text, legacy: true };
    return;
  }
}

/** codexd's own names of a setting's variable, the full one first. */
export function namesOf(named: NamedKey): string[] {
  return named.key.only === 'file' ? [] : [named.variable, ...named.key.env];
}

/** Variables that start with `CODEXD_` but are not known, each with the nearest known name. */
export function* unknownVariables(env: Env): Generator<{ name: string; near: string | undefined }> {
  const known = new Set<string>([...Object.values(bootstrapVariables), ignoredVariablesName]);
  for (const named of namedKeys) {
    for (const name of namesOf(named)) known.add(name);
    for (const part of named.key.parts) known.add(part.env);
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('CODEXD_') && !known.has(name)) yield { name, near: nearest(name, known) };
  }
}
