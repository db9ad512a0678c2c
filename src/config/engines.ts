// The speech engines of the settings, `[[transcription.engines]]` (product.md 8, reference/asr.md 5). What audio makes of them
// is declared in audio/engines/settings.ts; test/config/engines.test.ts holds the two together.
import { choice, count, isTable, type Kind, list, type Read, seconds, table, text } from './kinds.ts';
import { nearest } from './nearest.ts';

export interface EngineSettings {
  readonly id: string;
  readonly kind: EngineKind;
  readonly command?: string;
  readonly url?: string;
  readonly apiKeyEnv?: string;
  readonly model?: string;
  readonly models?: readonly string[];
  readonly modelDirs?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly argv?: readonly (string | readonly string[])[];
  readonly reads?: 'wav16' | 'file';
  readonly output?: EngineOutput;
  readonly ok?: readonly number[];
  readonly start?: readonly string[];
  readonly idleSeconds?: number;
  readonly concurrency?: number;
  readonly timeoutSeconds?: number;
  readonly threads?: number;
}

export interface EngineOutput {
  readonly kind: 'json' | 'srt' | 'vtt' | 'text';
  readonly from: string;
  readonly map?: {
    readonly text?: string;
    readonly language?: string;
    readonly segments?: string;
    readonly start?: string;
    readonly end?: string;
    readonly segmentText?: string;
    readonly unit?: 's' | 'ms' | 'cs';
  };
}

export const engineKinds = [
  ...(['whisper-cpp', 'faster-whisper', 'mlx-whisper', 'parakeet-mlx', 'lightning-whisper-mlx'] as const),
  ...([
    'kyutai-mlx',
    'pocketsphinx',
    'whisper',
    'sherpa-onnx',
    'whisper-server',
    'openai',
    'command',
  ] as const),
] as const;
export type EngineKind = (typeof engineKinds)[number];

type Kinds = Readonly<Record<string, Kind<never> | Kind<unknown>>>;

const everywhere = {
  id: text('an id of lower-case letters, digits and dashes', idOf),
  kind: choice(engineKinds),
  model: text(),
  models: list(text()),
  modelDirs: list(text('a path')),
  concurrency: count(1),
  timeoutSeconds: seconds(),
  threads: count(1),
};
const ofPrograms = { ...everywhere, command: text('a program'), args: list(text()) };
const ofServers = {
  ...everywhere,
  url: text('an http or https URL without user name, query or fragment', baseUrl),
  headers: table(),
  fields: table(),
  start: list(text(), 1),
  idleSeconds: seconds(),
};
const ofOpenai = {
  ...ofServers,
  apiKeyEnv: text('the name of a variable, not the key itself', variableName),
};
const ofCommands = {
  ...everywhere,
  argv: template(),
  reads: choice(['wav16', 'file']),
  output: subtable({
    kind: choice(['json', 'srt', 'vtt', 'text']),
    from: text('"stdout" or a file such as "{outbase}.json"', outputFile),
    map: subtable({
      ...{ text: text(), language: text(), segments: text(), start: text(), end: text() },
      ...{ segmentText: text(), unit: choice(['s', 'ms', 'cs']) },
    }),
  }),
  ok: exitCodes(),
};

function keysOf(kind: string): Kinds {
  if (kind === 'openai') return ofOpenai;
  if (kind === 'whisper-server') return ofServers;
  return kind === 'command' ? ofCommands : ofPrograms;
}

export function engines(): Kind<readonly EngineSettings[]> {
  const expects = 'tables, each with an id and the keys of its kind';
  return {
    expects,
    hint: 'TABLE',
    flagForm: 'list',
    // Headers may carry keys, and `config show` ends up in bug reports.
    shown: (all) =>
      all.map((one) => (one.headers === undefined ? one : { ...one, headers: masked(one.headers) })),
    fromText: () => ({ why: expects }),
    fromToml: (value) => {
      if (!Array.isArray(value)) return { why: expects };
      const found: EngineSettings[] = [];
      for (const [index, one] of value.entries()) {
        const read = engineOf(one);
        const name = isTable(one) && typeof one.id === 'string' ? `"${one.id}"` : `number ${index + 1}`;
        if ('why' in read) return { why: `${expects}: in ${name} ${read.why}` };
        if (found.some(({ id }) => id === read.value.id))
          return { why: `${expects}: ${name} is there twice` };
        found.push(read.value);
      }
      return { value: found };
    },
  };
}

function engineOf(value: unknown): Read<EngineSettings> {
  if (!isTable(value)) return { why: 'there is no table' };
  const kind = value.kind ?? value.id;
  if (value.id === undefined) return { why: '`id` is missing' };
  if (value.kind === undefined && !engineKinds.some((known) => known === kind)) {
    return { why: `\`kind\` is missing: ${everywhere.kind.expects}` };
  }
  const read = fieldsOf({ ...value, kind }, keysOf(String(kind)), ofAnyKind);
  if ('why' in read) return read;
  const engine = read.value as unknown as EngineSettings;
  const why = whyNot(engine);
  return why === undefined ? { value: engine } : { why };
}

const ofAnyKind = new Set(
  [ofPrograms, ofOpenai, ofCommands].flatMap((keys) => Object.keys(keys)).map((key) => snake(key)),
);

/** A table by its keys' kinds, in camel case. `elsewhere`: keys that are known, but not here. */
function fieldsOf(
  value: Record<string, unknown>,
  kinds: Kinds,
  elsewhere: ReadonlySet<string> = new Set(),
): Read<Record<string, unknown>> {
  const names = new Map(Object.keys(kinds).map((name) => [snake(name), name]));
  const fields: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    const name = names.get(key);
    if (name === undefined) {
      if (elsewhere.has(key)) return { why: `\`${key}\` means nothing for this kind of engine` };
      const near = nearest(key, names.keys());
      return { why: `there is no key \`${key}\`${near === undefined ? '' : ` (did you mean \`${near}\`)`}` };
    }
    const read: Read<unknown> = kinds[name]!.fromToml(given);
    if ('why' in read) return { why: `\`${key}\` must be ${read.why}` };
    fields[name] = read.value;
  }
  return { value: fields };
}

/** What no key can tell by itself. */
function whyNot(engine: EngineSettings): string | undefined {
  if (engine.kind === 'command') return whyNoCommand(engine);
  if (engine.start !== undefined) return whyNoStart(engine, engine.start);
  if (engine.url?.includes('{port}')) return '`url` has a {port}, which only `start` fills';
  return engine.kind === 'openai' && engine.url === undefined ? '`url` is missing' : undefined;
}

function whyNoStart({ url }: EngineSettings, start: readonly string[]): string | undefined {
  const strange = strangePlaceholder(start, ['port', 'model', 'threads']);
  if (strange !== undefined) return `\`start\` has the unknown placeholder ${strange}`;
  if (start.some((word) => word.includes('{port}'))) {
    return url === undefined || url.includes('{port}')
      ? undefined
      : '`start` has a {port}, so `url` must have one too';
  }
  return url === undefined || url.includes('{port}')
    ? '`start` needs a {port}, or a `url` with the port it uses'
    : undefined;
}

const commandPlaceholders = ['file', 'wav16', 'outdir', 'outbase', 'language', 'model', 'prompt', 'threads'];

function whyNoCommand({ argv, output, reads = 'wav16', threads }: EngineSettings): string | undefined {
  if (argv === undefined) return '`argv` is missing';
  if (output === undefined) return '`output` is missing';
  if (output.kind === undefined || output.from === undefined) return '`output` needs `kind` and `from`';
  if (output.map !== undefined && output.kind !== 'json') return '`output.map` is for JSON only';
  const words = argv.flat();
  const strange = strangePlaceholder(words, commandPlaceholders);
  if (strange !== undefined) return `\`argv\` has the unknown placeholder ${strange}`;
  const mentions = (name: string) => words.some((word) => word.includes(`{${name}}`));
  if (!mentions('file') && !mentions('wav16')) return '`argv` must have {wav16} or {file}';
  if (mentions('wav16') && reads === 'file') return '`argv` has {wav16}, so `reads` must be "wav16"';
  const alone = argv.filter((part) => typeof part === 'string');
  if (threads === undefined && alone.some((word) => word.includes('{threads}'))) {
    return '`argv` has {threads}, so `threads` must be set';
  }
  return undefined;
}

function strangePlaceholder(words: readonly string[], known: readonly string[]): string | undefined {
  const found = words.flatMap((word) => word.match(/\{\w*\}/g) ?? []);
  return found.find((placeholder) => !known.includes(placeholder.slice(1, -1)));
}

function template(): Kind<readonly (string | readonly string[])[]> {
  const expects = 'a list that begins with a program, each item a text or a list of texts';
  const isWord = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
  const isPart = (value: unknown): value is string | string[] =>
    isWord(value) || (Array.isArray(value) && value.every(isWord));
  return {
    expects,
    hint: 'ARGUMENTS',
    flagForm: 'list',
    fromText: () => ({ why: expects }),
    fromToml: (value) =>
      Array.isArray(value) &&
      value.every(isPart) &&
      typeof value[0] === 'string' &&
      value[0] !== '' &&
      !value[0].includes('{')
        ? { value }
        : { why: expects },
  };
}

function subtable(kinds: Kinds): Kind<unknown> {
  const expects = `a table of ${Object.keys(kinds).map(snake).join(', ')}`;
  return {
    expects,
    hint: 'TABLE',
    flagForm: 'list',
    fromText: () => ({ why: expects }),
    fromToml: (value) => {
      const read = isTable(value) ? fieldsOf(value, kinds) : { why: 'it is none' };
      return 'why' in read ? { why: `${expects}; ${read.why}` } : read;
    },
  };
}

function exitCodes(): Kind<readonly number[]> {
  const expects = 'a list of exit codes';
  const isCode = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  return {
    expects,
    hint: 'CODES',
    flagForm: 'list',
    fromText: () => ({ why: expects }),
    fromToml: (value) =>
      Array.isArray(value) && value.length > 0 && value.every(isCode) ? { value } : { why: expects },
  };
}

function idOf(id: string): Read<string> {
  if (id === 'chatgpt') return { why: 'another than "chatgpt", which is there already' };
  return /^[a-z0-9][a-z0-9-]+$/.test(id)
    ? { value: id }
    : { why: 'an id of lower-case letters, digits and dashes' };
}

/** `{port}` stands for the port of a server that codexd starts. */
function baseUrl(given: string): Read<string> {
  const why = 'an http or https URL without user name, query or fragment';
  const url = URL.parse(given.replace('{port}', '1'));
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || url.username || url.search || url.hash) return { why };
  return { value: given.replace(/\/+$/, '') };
}

function variableName(name: string): Read<string> {
  // A key that was put here by mistake must not be told back.
  return /^[A-Z_][A-Z0-9_]*$/i.test(name) && !/^sk[-_]/i.test(name)
    ? { value: name }
    : { why: 'the name of a variable, not the key itself' };
}

/** In the job's own directory and nowhere else. */
function outputFile(from: string): Read<string> {
  return from === 'stdout' || /^(?:\{outbase\}|\{outdir\}\/\w)[\w.-]*$/.test(from)
    ? { value: from }
    : { why: '"stdout" or a file such as "{outbase}.json" or "{outdir}/name.json"' };
}

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, '********']));
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
