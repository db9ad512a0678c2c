// docs/migrating: its tables are generated from the rows that the other tests of this folder try (UPDATE=1 rewrites
// them).
import { describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installHint } from '../../src/audio/engines/install.ts';
import { namedKeys } from '../../src/config/schema.ts';
import { openAsrServer } from './open-asr-server.ts';
import { decided, type Project, type Variable } from './project.ts';
import { projects } from './projects.ts';

const folder = join(import.meta.dir, '../../docs/migrating');

test.each([...projects])('docs/migrating/$name.md', (project) => {
  const path = join(folder, `${project.name}.md`);
  const text = readFileSync(path, 'utf8');
  const upToDate = Object.entries(tables(project)).reduce(withTable, text);
  if (process.env.UPDATE) writeFileSync(path, upToDate);
  else expect(text).toBe(upToDate);
});

test('the index page lists the projects and what is decided otherwise', () => {
  const path = join(folder, 'README.md');
  const text = readFileSync(path, 'utf8');
  const lists = {
    projects: projects.map(({ name }) => `- [${name}](${name}.md)`).join('\n'),
    decided: table(
      ['promise', 'codexd'],
      decided.map(({ what, why }) => [what, why]),
    ),
  };
  const upToDate = Object.entries(lists).reduce(withTable, text);
  if (process.env.UPDATE) writeFileSync(path, upToDate);
  else expect(text).toBe(upToDate);
});

describe('commands and variables on the pages exist', () => {
  const flags = new Set(namedKeys.flatMap(({ key }) => [key.flag, ...key.parts.map(({ flag }) => flag)]));
  const variables = new Set(
    namedKeys.flatMap(({ variable, key }) => [
      ...[variable, ...key.env, ...key.legacyEnv.map(({ name }) => name)],
      ...key.parts.flatMap(({ env, legacyEnv }) => [env, legacyEnv]),
    ]),
  );

  test.each([...projects])('$name', ({ differently, commands }) => {
    const words = [...differently, ...commands].map(({ now }) => now).join(' ');
    for (const [, name] of words.matchAll(/\s`?--([a-z-]+)/g)) {
      if (!onlyOfCommands.has(name!))
        expect({ name, exists: flags.has(name) }).toEqual({ name, exists: true });
    }
    for (const [name] of words.matchAll(/\b(?:CODEX|OPEN_ASR|OLLAMA|REASONING)[A-Z_]+\b/g)) {
      expect({ name, exists: variables.has(name) }).toEqual({ name, exists: true });
    }
  });
});

test('engines are installed as `codexd models --engines` says', () => {
  const engines = [
    'parakeet-mlx',
    'mlx-whisper',
    'lightning-whisper-mlx',
    'kyutai-mlx',
    'faster-whisper',
    'whisper-cpp',
  ];
  const [, ...extras] = openAsrServer.installs.map(({ now }) => now);
  expect(extras).toEqual(engines.map((engine) => `\`${installHint(engine, 'darwin')}\``));
});

/** Flags of a single command that are not settings; the projects' tests use them. */
const onlyOfCommands = new Set(['json', 'content-type', 'filename', 'help', 'version', 'engines']);

function tables({
  installs,
  commands,
  variables,
  routes,
  models,
  library,
  differently,
}: Project): Record<string, string> {
  return {
    installs: table(
      ['then', 'now'],
      installs.map(({ was, now }) => [was, now]),
    ),
    commands: table(
      ['then', 'now'],
      commands.map(({ was, now }) => [code(was), code(now)]),
    ),
    variables: table(['variable', 'today'], variables.map(variableRow)),
    routes: table(
      ['route', 'today'],
      routes.map(({ was, now }) => [code(was), now === undefined ? 'the same' : code(now)]),
    ),
    models: models.map(code).join(', '),
    ...(library === undefined
      ? {}
      : {
          library: table(
            ['then', 'now'],
            library.map(({ was, now }) => [code(was), code(now)]),
          ),
        }),
    differently: table(
      ['there', 'here'],
      differently.map(({ was, now }) => [was, now]),
    ),
  };
}

function variableRow({ name, sets }: Variable): string[] {
  const named = namedKeys.find(({ path }) => path === sets);
  if (named === undefined) return [code(name), 'still read'];
  if (named.key.only === 'env') return [code(name), 'still read'];
  const own = named.key.env.find((each) => each !== name) ?? named.variable;
  return [code(name), `still read; ${code(own)}, or ${code(named.path)} in config.toml`];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function withTable(text: string, [marker, content]: [string, string]): string {
  const block = new RegExp(`(<!-- ${marker} -->\n)[\\s\\S]*?(<!-- /${marker} -->)`);
  if (!block.test(text)) throw new Error(`The page has no place for ${marker}`);
  return text.replace(block, (_, open: string, close: string) => `${open}\n${content}\n\n${close}`);
}
