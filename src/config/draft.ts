// The settings while they are loaded: values, their sources, and what is wrong with them.
import { Failure } from '../failure.ts';
import { maxTextLength, redact } from '../log/redact.ts';
import { redactUserInfo } from './addresses.ts';
import type { ParseResult } from './kinds.ts';
import { type Config, type NamedKey, namedKeys, schema } from './schema.ts';

/** The origin of a value. `at`: file, its line, variable, flag or option of the library. */
export interface Source {
  layer: 'default' | 'codex' | 'file' | 'credential' | 'env' | 'flag' | 'option';
  at: string;
}

/** Collects values, notices and problems during one call of `inspect`. */
export class Draft {
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

  /** Sets a parsed value, or returns what it must be. */
  set(named: NamedKey, result: ParseResult<unknown>, source: Source): string | undefined {
    if ('why' in result) return result.why;
    // The operating system cannot represent it in a path, address or argument.
    if (JSON.stringify(result.value)?.includes('\\u0000')) return 'free of NUL characters';
    const value = named.key.kind.isPath ? this.#expandHome(result.value) : result.value;
    this.#values.set(named, value);
    this.#sources[named.path] = source;
    return undefined;
  }

  #expandHome(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#expandHome(one));
    return String(value).replace(/^~(?=[\\/])/, this.homedir);
  }

  /** Sets a parsed value, or adds a problem that quotes `rawValue`. */
  setOrReport(named: NamedKey, rawValue: unknown, result: ParseResult<unknown>, source: Source): void {
    const why = this.set(named, result, source);
    if (why === undefined) return;
    const what = source.layer === 'file' ? `${source.at}: \`${named.path}\`` : source.at;
    this.problems.push(
      new Failure('invalid_request', `${what} must be ${why}${named.key.secret ? '' : quote(rawValue)}.`, {
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
      config: deepFreeze(config) as Config,
      sources: deepFreeze(this.#sources),
      notices: this.notices,
      problems: this.problems,
    };
  }
}

/** Quotes the invalid value, unless it is a table or a list, which may contain secrets. */
function quote(rawValue: unknown): string {
  return typeof rawValue === 'object'
    ? ''
    : `, not ${redact(redactUserInfo(JSON.stringify(rawValue).slice(0, maxTextLength))).slice(0, 80)}`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
