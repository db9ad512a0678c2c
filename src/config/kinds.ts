// What the value of a setting may be, and how it is read from TOML and from text (a variable or a flag).

export type Read<T> = { value: T } | { why: string };

export interface Kind<T> {
  /** Completes "must be …". */
  expects: string;
  /** Stands for the value in help, e.g. `SECONDS`. */
  hint: string;
  /** How the value is given as a flag: once, without a value, or as often as one likes. */
  flagForm: 'text' | 'toggle' | 'list';
  /** The value is a path or a list of paths: a leading `~/` means the home directory. */
  isPath?: true;
  /** The value as it may be shown to anybody, when not as it is. */
  shown?(value: T): unknown;
  fromToml(value: unknown): Read<T>;
  fromText(text: string): Read<T>;
}

/** Refines a text: returns it in its normal form, or why it cannot be. */
type Refine = (text: string) => Read<string>;

export function text(
  expects = 'a text',
  refine: Refine = (value) => ({ value }),
  hint = 'TEXT',
): Kind<string> {
  const fromText = (value: string) => (value === '' ? { why: expects } : refine(value));
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
  const fromText = (text: string): Read<T> => {
    const found = options.find((option) => option === text);
    if (found !== undefined) return { value: found };
    if (Object.hasOwn(synonyms, text)) return { value: synonyms[text]! };
    return { why: expects };
  };
  return {
    expects,
    hint: options.join('|'),
    flagForm: 'text',
    fromToml: (value) => (typeof value === 'string' ? fromText(value) : { why: expects }),
    fromText,
  };
}

function number(expects: string, hint: string, fits: (value: number) => boolean): Kind<number> {
  const check = (value: unknown): Read<number> =>
    typeof value === 'number' && Number.isFinite(value) && fits(value) ? { value } : { why: expects };
  return {
    expects,
    hint,
    flagForm: 'text',
    fromToml: check,
    fromText: (text) => (text.trim() === '' ? { why: expects } : check(Number(text))),
  };
}

/** A whole number, at least `min`. */
export function count(min = 0): Kind<number> {
  return number(
    `a whole number, ${min} or more`,
    'N',
    (value) => Number.isSafeInteger(value) && value >= min,
  );
}

/** One of these numbers of Hz. */
export function rate(rates: readonly number[]): Kind<number> {
  return number(`one of ${rates.join(', ')}`, 'HZ', (value) => rates.includes(value));
}

/** Seconds; fractions are fine. */
export function seconds(): Kind<number> {
  return number('a number of seconds, 0 or more', 'SECONDS', (value) => value >= 0);
}

/** Seconds, not none. */
export function positiveSeconds(): Kind<number> {
  return number('a number of seconds above 0', 'SECONDS', (value) => value > 0);
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

/** A list; as text its items are separated by commas. */
export function list(item: Kind<string>, min = 0): Kind<readonly string[]> {
  const expects = `a list${min > 0 ? ' that is not empty' : ''}, each item ${item.expects}`;
  const all = (reads: Read<string>[]): Read<readonly string[]> => {
    const values: string[] = [];
    for (const read of reads) {
      if ('why' in read) return { why: expects };
      values.push(read.value);
    }
    return values.length < min ? { why: expects } : { value: values };
  };
  return {
    expects,
    hint: item.hint,
    flagForm: 'list',
    ...(item.isPath ? { isPath: true } : {}),
    fromToml: (value) =>
      Array.isArray(value) ? all(value.map((one) => item.fromToml(one))) : { why: expects },
    fromText: (text) => all(commaParts(text).map((one) => item.fromText(one))),
  };
}

/** A table of name to text; as text `name=value,name=value`. */
export function table(): Kind<Readonly<Record<string, string>>> {
  const expects = 'a table of name = "text"';
  const fromPairs = (pairs: [string, unknown][]): Read<Readonly<Record<string, string>>> =>
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
        commaParts(text).map((pair) => {
          const at = pair.indexOf('=');
          return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
        }),
      ),
  };
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function commaParts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
