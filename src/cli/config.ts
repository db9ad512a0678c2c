// `codexd config`: the path of the configuration file, all settings with their sources, and configuration errors.
import { inspect, type Loaded } from '../config/load.ts';
import type { Paths } from '../config/paths.ts';
import { type NamedKey, namedKeys } from '../config/schema.ts';
import { asFailure, Failure } from '../failure.ts';
import { type CommandGroup, command, type Invocation } from './command.ts';
import { loadOptions, openSession } from './session.ts';
import { type Definition, definitions, lineWidth, paragraph } from './wrap.ts';

const path = command({
  run: (call) => {
    const { paths } = inspect(loadOptions(call));
    call.terminal.stdout.write(call.json ? `${JSON.stringify(paths)}\n` : `${paths.configFile}\n`);
  },
});

const everySection = [
  'server',
  'upstream',
  'auth',
  'models',
  'reasoning',
  'transcription',
  'ollama',
] as const;

const show = command({
  settings: everySection,
  run: async (call) => {
    const { config, sources } = await openSession(call);
    const rows = namedKeys.map((named) => {
      const section: Readonly<Record<string, unknown>> = config[named.section];
      return { key: named.path, value: maskSecret(named, section[named.name]), source: sources[named.path]! };
    });
    if (call.json) call.terminal.stdout.write(`${JSON.stringify(rows)}\n`);
    else {
      const lines = rows.map(
        ({ key, value, source }) => [key, JSON.stringify(value) ?? '-', source.at] as const,
      );
      const { stdout } = call.terminal;
      stdout.write(stdout.isTty ? terminalText(lines, stdout.columns) : plainText(lines));
    }
  },
});

const mask = '********';

/** The value with secrets masked; undefined if it is not set. */
export function maskSecret(named: NamedKey, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (named.key.secret) return mask;
  return named.key.kind.shown ? named.key.kind.shown(value) : value;
}

const check = command({
  settings: everySection,
  run: (call) => {
    const loaded = inspect(loadOptions(call));
    const { notices, paths } = loaded;
    const problems = [...loaded.problems, ...fileProblems(loaded, call)];
    const { stdout } = call.terminal;
    if (call.json) {
      const facts = problems.map(({ message, advice, param }) => ({
        message,
        next: advice,
        setting: param ?? null,
      }));
      stdout.write(`${JSON.stringify({ good: problems.length === 0, problems: facts, notices })}\n`);
    } else {
      const width = lineWidth(stdout);
      for (const { message, advice } of problems) stdout.write(paragraph(`${message} ${advice}`, width));
      for (const notice of notices) stdout.write(paragraph(notice, width));
      if (problems.length === 0) stdout.write(paragraph(verdict(call, paths), width));
    }
    return problems.length === 0 ? 0 : 2;
  },
});

/** Files that settings name and that commands would fail to read. */
export function fileProblems({ config, sources }: Loaded, { readFile }: Invocation): Failure[] {
  const { caFile } = config.upstream;
  if (caFile === undefined) return [];
  try {
    if (readFile(caFile) !== undefined) return [];
  } catch (thrown) {
    return [asFailure(thrown)];
  }
  const at = sources['upstream.ca_file']!.at;
  return [
    new Failure('invalid_request', `${at}: \`upstream.ca_file\` does not exist: ${caFile}.`, {
      param: 'upstream.ca_file',
      code: 'invalid_config',
      advice: 'Correct the path, or remove the setting.',
    }),
  ];
}

/** A missing file is not an error, but the user should know. */
export function verdict({ readFile }: Invocation, { configFile, profileConfigFile }: Paths): string {
  const files = [configFile, ...(profileConfigFile === undefined ? [] : [profileConfigFile])];
  const existing = files.filter((file) => exists(file, readFile));
  if (existing.length > 0) return `Configuration is valid (${existing.join(', ')}).`;
  return `No configuration file found (${configFile}). The settings from the environment and the defaults are valid.`;
}

/** Also true of a pipe, which can be read only once. */
function exists(file: string, readFile: Invocation['readFile']): boolean {
  try {
    return readFile(file) !== undefined;
  } catch {
    return true;
  }
}

const longestSetting = 40;
/** On a terminal with fewer columns, values do not fit beside the names of their settings. */
const narrow = 70;

/** For a terminal: the source follows the value, unless it is the default. */
function terminalText(
  rows: readonly (readonly [key: string, value: string, source: string])[],
  width: number,
) {
  const facts = rows.map(([key, value, source]): Definition => {
    const shown = value.replaceAll('","', '", "');
    return [key, source === 'default' ? shown : `${shown} (${source})`];
  });
  if (width < narrow)
    return facts.map(([key, value]) => paragraph(`${key} = ${value}`, width, '    ')).join('');
  return definitions(facts, width, '', longestSetting);
}

/** For files and pipes: key, value and source in columns. */
function plainText(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((at) => Math.min(50, Math.max(...rows.map((row) => row[at]!.length))));
  return rows.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}

export default {
  commands: {
    path: { summary: 'Print the path of the configuration file.', load: async () => path },
    show: { summary: 'Print every setting and the source of its value.', load: async () => show },
    check: { summary: 'Report all configuration errors.', load: async () => check },
    key: {
      summary: 'Manage the API keys of clients.',
      load: async () => (await import('./config-key.ts')).default,
    },
  },
} satisfies CommandGroup;
