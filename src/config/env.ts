// The environment: the only file that reads it, and what the variables are called.
import { nearest } from './nearest.ts';
import { type NamedKey, namedKeys } from './schema.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export function processEnv(): Env {
  return process.env;
}

/** A setting as one variable says it. */
export interface Variable {
  name: string;
  /** As it stands in the environment. */
  given: string;
  /** As text of the setting. */
  text: string;
  /** Completes "must be …", when not as the setting's kind says. */
  expects?: string;
  /** The variable belongs to an older project. */
  legacy: boolean;
}

/** Which profile and which file, when no flag says so. */
export const bootstrapVariables = { profile: 'CODEXD_PROFILE', config: 'CODEXD_CONFIG' } as const;

/** What codexd tells itself when it starts anew: the variables it has left out. */
export const ignoredVariablesName = 'CODEXD_IGNORED_VARIABLES';

/** The variables that say `named`, in the order they apply. An empty variable counts as not set. */
export function* variablesOf(named: NamedKey, env: Env, current: () => unknown): Generator<Variable> {
  if (named.key.only === 'file') return;
  const own = namesOf(named).find((name) => env[name]);
  if (own !== undefined) yield { name: own, given: env[own]!, text: env[own]!, legacy: false };
  else yield* legacyVariable(named, env, current);
  for (const part of named.key.parts) {
    // A legacy part does not change what our own variable says.
    const name = [part.env, own === undefined ? part.legacyEnv : undefined].find((one) => one && env[one]);
    if (name === undefined) continue;
    const given = env[name]!;
    const text = part.read(given, current());
    yield { name, given, text, expects: part.expects, legacy: name === part.legacyEnv };
  }
}

function* legacyVariable(named: NamedKey, env: Env, current: () => unknown): Generator<Variable> {
  for (const { name, read } of named.key.legacyEnv) {
    const value = env[name];
    if (!value) continue;
    const text = read ? read(value, current()) : value;
    if (text !== undefined) yield { name, given: value, text, legacy: true };
    return;
  }
}

/** Our own names of a setting's variable, the full one first. */
export function namesOf(named: NamedKey): string[] {
  return named.key.only === 'file' ? [] : [named.variable, ...named.key.env];
}

/** Variables that look like ours and are none of ours, with the nearest that is. */
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
