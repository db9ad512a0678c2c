// The speech engines of the settings, `[[transcription.engines]]`. What audio makes of them
// is declared in audio/engines/settings.ts; test/config/engines.test.ts holds the two together.
import { whyNot } from './engine-rules.ts';
import { baseUrl, exitCodes, idOf, outputFile, template, variableName } from './engine-values.ts';
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
  readonly passEnv?: readonly string[];
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
  passEnv: list(text('the name of a variable', variableName)),
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

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, '********']));
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
