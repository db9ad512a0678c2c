// The type of a setting's declaration. The declarations themselves are in schema.ts.
import type { Kind } from './kinds.ts';

/** An environment variable of an older project that sets the same. */
export interface Alias<T> {
  name: string;
  /** Converts the variable's text into text of this setting, given its current value; undefined leaves the setting unchanged. */
  read?(text: string, current: T): string | undefined;
}

/** A flag or variable for a part of the setting, such as `--port` for `listen`. Applied after the setting itself. */
export interface FlagPart<T> {
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
  /** Names besides `CODEXD_<SECTION>_<KEY>`: codexd's short forms and the Codex CLI's own. The first one set wins. */
  env: readonly string[];
  /** Names of older projects, each of which causes a notice. The first one set wins. */
  legacyEnv: readonly Alias<T>[];
  /** The equivalent key of the Codex CLI's config.toml. */
  codex?: string;
  /** Whether its value is hidden in output. */
  secret: boolean;
  /** The only place where it may be set, if not everywhere. */
  only?: 'file' | 'env';
  parts: readonly FlagPart<T>[];
}

type KeyOptions<T> = Partial<Omit<Key<T>, 'kind' | 'default'>> & { help: string };

export function key<T>(kind: Kind<T>, options: KeyOptions<NoInfer<T>> & { default: NoInfer<T> }): Key<T>;
export function key<T>(kind: Kind<T>, options: KeyOptions<NoInfer<T> | undefined>): Key<T | undefined>;
export function key(kind: Kind<unknown>, options: KeyOptions<unknown> & { default?: unknown }): Key<unknown> {
  return { default: undefined, env: [], legacyEnv: [], secret: false, parts: [], ...options, kind };
}

/** `apiKey` as `api_key`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
