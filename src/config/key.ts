// How a setting is declared. The declarations themselves are in schema.ts.
import type { Kind } from './kinds.ts';

/** A variable of one of the older projects, or another way to say a setting. */
export interface Alias<T> {
  name: string;
  /** Turns the alias's text into text of this setting, knowing its value so far; undefined leaves it as it is. */
  read?(text: string, current: T): string | undefined;
}

/** A flag or variable that says a part of the setting: `--port` of `listen`. Applied after the setting itself. */
export interface Part<T> {
  flag: string;
  /** One letter: `-p`. */
  short?: string;
  env: string;
  legacyEnv?: string;
  /** Completes "must be …". */
  expects: string;
  help: string;
  read(text: string, current: T): string;
}

export interface Key<T> {
  kind: Kind<Exclude<T, undefined>>;
  default: T;
  help: string;
  /** Kebab-case, without dashes. */
  flag?: string;
  /** Names beside `CODEXD_<SECTION>_<KEY>`: our short forms and the Codex CLI's own. First one set wins. */
  env: readonly string[];
  /** Names of the older projects: they work, with one notice each. First one set wins. */
  legacyEnv: readonly Alias<T>[];
  /** The key of Codex's config.toml that means the same. */
  codex?: string;
  /** Never shown. */
  secret: boolean;
  /** Where it may be set, when not everywhere. */
  only?: 'file' | 'env';
  parts: readonly Part<T>[];
}

type Spec<T> = Partial<Omit<Key<T>, 'kind' | 'default'>> & { help: string };

export function key<T>(kind: Kind<T>, spec: Spec<NoInfer<T>> & { default: NoInfer<T> }): Key<T>;
export function key<T>(kind: Kind<T>, spec: Spec<NoInfer<T> | undefined>): Key<T | undefined>;
export function key(kind: Kind<unknown>, spec: Spec<unknown> & { default?: unknown }): Key<unknown> {
  return { default: undefined, env: [], legacyEnv: [], secret: false, parts: [], ...spec, kind };
}
