// Reads the custom speech engines, `[[transcription.engines]]`.
import type { EngineKind, EngineSettings } from '../audio/engines/settings.ts';
import { validateEngine } from './engine-rules.ts';
import { argvTemplate, baseUrl, engineId, exitCodes, outputFile, variableName } from './engine-values.ts';
import { snakeCase } from './key.ts';
import { choice, count, isTable, type Kind, list, type ParseResult, seconds, table, text } from './kinds.ts';
import { nearest } from './nearest.ts';

/** In the order that messages list them. */
export const engineKinds = [
  'whisper-cpp',
  'faster-whisper',
  'mlx-whisper',
  'parakeet-mlx',
  'lightning-whisper-mlx',
  'kyutai-mlx',
  'pocketsphinx',
  'whisper',
  'sherpa-onnx',
  'whisper-server',
  'openai',
  'command',
] as const satisfies readonly EngineKind[];

type Kinds = Readonly<Record<string, Kind<never> | Kind<unknown>>>;

const commonKeys = {
  id: text('an id of lower-case letters, digits and dashes', engineId),
  kind: choice(engineKinds),
  model: text(),
  models: list(text()),
  modelDirs: list(text('a path')),
  passEnv: list(text('the name of a variable', variableName)),
  concurrency: count(1),
  timeoutSeconds: seconds(),
  threads: count(1),
};
const programKeys = { ...commonKeys, command: text('a program'), args: list(text()) };
const serverKeys = {
  ...commonKeys,
  url: text('an http or https URL without user name, query or fragment', baseUrl),
  headers: table(),
  fields: table(),
  start: list(text(), 1),
  idleSeconds: seconds(),
};
const openaiKeys = {
  ...serverKeys,
  apiKeyEnv: text('the name of a variable, not the key itself', variableName),
};
const commandKeys = {
  ...commonKeys,
  argv: argvTemplate(),
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
  if (kind === 'openai') return openaiKeys;
  if (kind === 'whisper-server') return serverKeys;
  return kind === 'command' ? commandKeys : programKeys;
}

export function engines(): Kind<readonly EngineSettings[]> {
  const expects = 'tables, each with an id and the keys of its kind';
  return {
    expects,
    hint: 'TABLE',
    flagForm: 'list',
    // Headers may carry keys, and `config show` ends up in bug reports.
    shown: (all) =>
      all.map((one) => (one.headers === undefined ? one : { ...one, headers: maskValues(one.headers) })),
    fromText: () => ({ why: expects }),
    fromToml: (value) => {
      if (!Array.isArray(value)) return { why: expects };
      const found: EngineSettings[] = [];
      for (const [index, one] of value.entries()) {
        const read = parseEngine(one);
        const name = isTable(one) && typeof one.id === 'string' ? `"${one.id}"` : `number ${index + 1}`;
        if ('why' in read) return { why: `${expects}: in ${name}, ${read.why}` };
        if (found.some(({ id }) => id === read.value.id))
          return { why: `${expects}: ${name} is defined twice` };
        found.push(read.value);
      }
      return { value: found };
    },
  };
}

function parseEngine(value: unknown): ParseResult<EngineSettings> {
  if (!isTable(value)) return { why: 'the item is not a table' };
  const kind = value.kind ?? value.id;
  if (value.id === undefined) return { why: '`id` is missing' };
  if (value.kind === undefined && !engineKinds.some((known) => known === kind)) {
    return { why: `\`kind\` is missing: ${commonKeys.kind.expects}` };
  }
  const read = parseFields({ ...value, kind }, keysOf(String(kind)), allKeys);
  if ('why' in read) return read;
  const engine = read.value as unknown as EngineSettings;
  const why = validateEngine(engine);
  return why === undefined ? { value: engine } : { why };
}

const allKeys = new Set(
  [programKeys, openaiKeys, commandKeys].flatMap((keys) => Object.keys(keys)).map((key) => snakeCase(key)),
);

/** Parses a table by the kinds of its keys, which become camel case. `otherKeys`: keys that other tables have. */
function parseFields(
  value: Record<string, unknown>,
  kinds: Kinds,
  otherKeys: ReadonlySet<string> = new Set(),
): ParseResult<Record<string, unknown>> {
  const names = new Map(Object.keys(kinds).map((name) => [snakeCase(name), name]));
  const fields: Record<string, unknown> = {};
  for (const [key, rawValue] of Object.entries(value)) {
    const name = names.get(key);
    if (name === undefined) {
      if (otherKeys.has(key)) return { why: `\`${key}\` does not apply to this kind of engine` };
      const near = nearest(key, names.keys());
      return { why: `unknown key \`${key}\`${near === undefined ? '' : ` (did you mean \`${near}\`)`}` };
    }
    const read: ParseResult<unknown> = kinds[name]!.fromToml(rawValue);
    if ('why' in read) return { why: `\`${key}\` must be ${read.why}` };
    fields[name] = read.value;
  }
  return { value: fields };
}

function subtable(kinds: Kinds): Kind<unknown> {
  const expects = `a table of ${Object.keys(kinds).map(snakeCase).join(', ')}`;
  return {
    expects,
    hint: 'TABLE',
    flagForm: 'list',
    fromText: () => ({ why: expects }),
    fromToml: (value) => {
      const read = isTable(value) ? parseFields(value, kinds) : { why: 'it is not a table' };
      return 'why' in read ? { why: `${expects}; ${read.why}` } : read;
    },
  };
}

function maskValues(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, '********']));
}
