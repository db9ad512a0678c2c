// The kinds of values that settings have, and how each is parsed from TOML and from text (a variable or a flag).

import { isObject } from '../base/object.ts';

/** `why` completes "must be …". */
export type ParseResult<T> = { value: T } | { why: string };

export interface Kind<T> {
  /** Completes "must be …". */
  expects: string;
  /** Stands for the value in help, e.g. `SECONDS`. */
  hint: string;
  /** All values, if they are few. */
  choices?: readonly string[];
  /** How the flag is used: with one value, without a value, or repeatedly. */
  flagForm: 'text' | 'toggle' | 'list';
  /** The value is a path or a list of paths, in which a leading `~/` means the home directory. */
  isPath?: true;
  /** The value without its secrets, for output. */
  shown?(value: T): unknown;
  fromToml(value: unknown): ParseResult<T>;
  fromText(text: string): ParseResult<T>;
}

/** Validates a text and returns its normal form. */
type Normalize = (text: string) => ParseResult<string>;

export function text(
  expects = 'a non-empty string',
  normalize: Normalize = (value) => ({ value }),
  hint = 'TEXT',
): Kind<string> {
  const fromText = (value: string) => (value === '' ? { why: expects } : normalize(value));
  return {
    expects,
    hint,
    flagForm: 'text',
    fromToml: (value) => (typeof value === 'string' ? fromText(value) : { why: expects }),
    fromText,
  };
}

export function path(): Kind<string> {
  return { ...text('a path', undefined, 'PATH'), isPath: true };
}

export function choice<const T extends string>(
  options: readonly T[],
  synonyms: Readonly<Record<string, T>> = {},
): Kind<T> {
  const expects = `one of ${options.map((option) => `"${option}"`).join(', ')}`;
  const fromText = (text: string): ParseResult<T> => {
    const found = options.find((option) => option === text);
    if (found !== undefined) return { value: found };
    if (Object.hasOwn(synonyms, text)) return { value: synonyms[text]! };
    return { why: expects };
  };
  return {
    expects,
    hint: options.join('|'),
    choices: options,
    flagForm: 'text',
    fromToml: (value) => (typeof value === 'string' ? fromText(value) : { why: expects }),
    fromText,
  };
}

function number(expects: string, hint: string, isValid: (value: number) => boolean): Kind<number> {
  const check = (value: unknown): ParseResult<number> =>
    typeof value === 'number' && Number.isFinite(value) && isValid(value) ? { value } : { why: expects };
  return {
    expects,
    hint,
    flagForm: 'text',
    fromToml: check,
    fromText: (text) => (text.trim() === '' ? { why: expects } : check(Number(text))),
  };
}

/** An integer, at least `min`. */
export function count(min = 0): Kind<number> {
  return number(
    `a whole number, ${min} or more`,
    'N',
    (value) => Number.isSafeInteger(value) && value >= min,
  );
}

/** One of `rates`, in Hz. */
export function rate(rates: readonly number[]): Kind<number> {
  return number(`one of ${rates.join(', ')}`, 'HZ', (value) => rates.includes(value));
}

/** Seconds, possibly fractional, from 0. */
export function seconds(): Kind<number> {
  return number('a number of seconds, 0 or more', 'SECONDS', (value) => value >= 0);
}

/** Seconds, possibly fractional, above 0. */
export function positiveSeconds(): Kind<number> {
  return number('a number of seconds above 0', 'SECONDS', (value) => value > 0);
}

/** From 0 to 100, possibly fractional. */
export function percent(): Kind<number> {
  return number('a number from 0 to 100', 'PERCENT', (value) => value >= 0 && value <= 100);
}

/** Days, possibly fractional. */
export function days(): Kind<number> {
  return number('a number of days above 0', 'DAYS', (value) => value > 0);
}

export function megabytes(): Kind<number> {
  return number('a number of megabytes above 0', 'MIB', (value) => value > 0);
}

const toggleWords = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

export function toggle(): Kind<boolean> {
  const expects = 'true or false';
  return {
    expects,
    hint: '',
    flagForm: 'toggle',
    fromToml: (value) => (typeof value === 'boolean' ? { value } : { why: expects }),
    fromText: (text) => {
      const value = toggleWords.get(text.trim().toLowerCase());
      return value === undefined ? { why: expects } : { value };
    },
  };
}

/** A list of at least `min` items; as text, separated by commas. */
export function list(item: Kind<string>, min = 0): Kind<readonly string[]> {
  const expects = `a ${min > 0 ? 'non-empty ' : ''}list, each item ${item.expects}`;
  const combine = (results: ParseResult<string>[]): ParseResult<readonly string[]> => {
    const values: string[] = [];
    for (const result of results) {
      if ('why' in result) return { why: expects };
      values.push(result.value);
    }
    return values.length < min ? { why: expects } : { value: values };
  };
  return {
    expects,
    hint: item.hint,
    flagForm: 'list',
    ...(item.isPath ? { isPath: true } : {}),
    fromToml: (value) =>
      Array.isArray(value) ? combine(value.map((one) => item.fromToml(one))) : { why: expects },
    fromText: (text) => combine(splitAtCommas(text).map((one) => item.fromText(one))),
  };
}

/** A table of names and strings; as text, `name=value,name=value`. */
export function table(): Kind<Readonly<Record<string, string>>> {
  const expects = 'a table of name = "text"';
  const fromPairs = (pairs: [string, unknown][]): ParseResult<Readonly<Record<string, string>>> =>
    pairs.every(
      (pair): pair is [string, string] => pair[0] !== '' && typeof pair[1] === 'string' && pair[1] !== '',
    )
      ? { value: Object.fromEntries(pairs) }
      : { why: expects };
  return {
    expects,
    hint: 'NAME=TEXT',
    flagForm: 'list',
    fromToml: (value) => (isTable(value) ? fromPairs(Object.entries(value)) : { why: expects }),
    fromText: (text) =>
      fromPairs(
        splitAtCommas(text).map((pair) => {
          const at = pair.indexOf('=');
          return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
        }),
      ),
  };
}

/** Whether a TOML value is a table; TOML dates are objects too. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !(value instanceof Date);
}

function splitAtCommas(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
