// `codexd config`: where the settings lie, what they are and where each comes from, and whether they are good.
import { inspect } from '../config/load.ts';
import { type NamedKey, namedKeys } from '../config/schema.ts';
import { type CommandGroup, command } from './command.ts';
import { loadOptions, openSession } from './session.ts';

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
      return { key: named.path, value: showable(named, section[named.name]), source: sources[named.path]! };
    });
    if (call.json) call.terminal.stdout.write(`${JSON.stringify(rows)}\n`);
    else {
      const lines = rows.map(({ key, value, source }) => [key, JSON.stringify(value) ?? '-', source.at]);
      call.terminal.stdout.write(columns(lines));
    }
  },
});

const mask = '********';

/** The value as it may be shown to anybody; undefined where nothing is set. */
export function showable(named: NamedKey, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (named.key.secret) return mask;
  return named.key.kind.shown ? named.key.kind.shown(value) : value;
}

const check = command({
  settings: everySection,
  run: (call) => {
    const { problems, notices, paths } = inspect(loadOptions(call));
    const { stdout } = call.terminal;
    if (call.json) {
      const facts = problems.map(({ message, next, param }) => ({ message, next, setting: param ?? null }));
      stdout.write(`${JSON.stringify({ good: problems.length === 0, problems: facts, notices })}\n`);
    } else {
      for (const { message, next } of problems) stdout.write(`${message} ${next}\n`);
      for (const notice of notices) stdout.write(`${notice}\n`);
      if (problems.length === 0) stdout.write(`The settings are good (${paths.configFile}).\n`);
    }
    return problems.length === 0 ? 0 : 2;
  },
});

function columns(rows: string[][]): string {
  const widths = [0, 1].map((at) => Math.min(50, Math.max(...rows.map((row) => row[at]!.length))));
  return rows.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}

export default {
  commands: {
    path: { summary: 'Print where the settings lie.', load: async () => path },
    show: { summary: 'Print every setting and where its value comes from.', load: async () => show },
    check: { summary: 'Say everything that is wrong with the settings.', load: async () => check },
    key: {
      summary: 'Make API keys for clients.',
      load: async () => (await import('./config-key.ts')).default,
    },
  },
} satisfies CommandGroup;
