// The commands of docs/guides: those of codexd are parsed, files and variables exist, drop-ins are read by systemd itself.
import { describe, expect, test } from 'bun:test';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand, isGroup, parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { unknownVariables } from '../../src/config/env.ts';

const root = join(import.meta.dir, '../..');
const guides = readdirSync(join(root, 'docs/guides')).sort();
const read = (guide: string) => readFileSync(join(root, 'docs/guides', guide), 'utf8');

function blocks(guide: string, ...languages: string[]): string[] {
  return [...read(guide).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, language, code]) =>
    languages.includes(language!) ? [code!] : [],
  );
}

/** Lines of shell blocks, and commands in tables. */
const lines = guides.flatMap((guide) => [
  ...blocks(guide, 'sh', 'powershell').flatMap((code) => code.trim().split('\n')),
  ...[...read(guide).matchAll(/^\|.*\| `([^`]+)` \|$/gm)].map(([, command]) => command!),
]);

/** The words of a command line; `$(…)` and quoted text are one word each. */
function words(line: string): string[] {
  const found = line.match(/(?:"(?:\$\([^)]*\)|[^"])*"|[^\s"]+)+/g) ?? [];
  return found.map((word) => word.replaceAll('"', ''));
}

/** What follows `codexd` as a program, or as an image or service that is run; undefined if a line does not run it. */
function codexdArguments(line: string): string[] | undefined {
  const all = words(line);
  const start = all.findIndex((word) => !/^(?:sudo|-H|\w+=.*)$/.test(word));
  const isContainer = all[start] === 'docker' && all.includes('run');
  if (all[start] !== 'codexd' && !isContainer) return undefined;
  const at = isContainer ? all.lastIndexOf('codexd') : start;
  const rest = all.slice(at + 1);
  return rest.slice(0, rest.includes('|') ? rest.indexOf('|') : undefined);
}

const calls = lines.flatMap((line) => {
  const found = codexdArguments(line);
  // An image without arguments runs `codexd serve`.
  return found === undefined || found.length === 0 ? [] : [[line, found] as const];
});

test('there are commands of every kind', () => {
  expect(calls.length).toBeGreaterThan(10);
  const programs = new Set(
    lines.map((line) => words(line).find((word) => !/^(?:sudo|-H|\w+=.*)$/.test(word))),
  );
  expect([...programs].sort()).toEqual(
    [
      '$EDITOR',
      'chmod',
      'codexd',
      'cp',
      'curl',
      'docker',
      'export',
      'install',
      'launchctl',
      'mv',
      'openssl',
      'schtasks',
      'systemctl',
    ].concat('tailscale'),
  );
});

describe('codexd accepts', () => {
  test.each(calls.map(([line, argv]) => ({ line, argv })))('$line', async ({ argv }) => {
    const { name, command, rest, unknownWord } = await findCommand([...argv], { commands }, '');
    if (isGroup(command)) throw new Error(`not a command: ${unknownWord}`);
    expect(() => parseArguments(name, command, rest)).not.toThrow();
  });
});

test('variables exist', () => {
  const names = guides.flatMap((guide) =>
    [...read(guide).matchAll(/\b(CODEXD_\w+)=/g)].map(([, name]) => name!),
  );
  expect(names.length).toBeGreaterThan(3);
  expect([...unknownVariables(Object.fromEntries(names.map((name) => [name, '1'])))]).toEqual([]);
});

test('files of the repository exist', () => {
  const files = lines.flatMap((line) => words(line).filter((word) => word.startsWith('deploy/')));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => file !== 'deploy/.env' && !existsSync(join(root, file)))).toEqual([]);
});

test('units exist', () => {
  const units = lines
    .filter((line) => line.includes('systemctl') && !line.includes('daemon-reload'))
    .map((line) => words(line).at(-1)!);
  expect(units.length).toBeGreaterThan(2);
  for (const unit of units) {
    const file = unit.includes('.') ? unit : `${unit}.service`;
    expect(existsSync(join(root, 'deploy/systemd', file))).toBe(true);
  }
});

const dropIns = guides.flatMap((guide) => blocks(guide, 'ini').map((text) => ({ guide, text })));
test.skipIf(Bun.which('systemd-analyze') === null).each(dropIns)(
  `systemd reads the drop-in of $guide (needs systemd-analyze)`,
  ({ text }) => {
    const directory = mkdtempSync(join(tmpdir(), 'codexd-dropin-'));
    cpSync(join(root, 'deploy/systemd'), directory, { recursive: true });
    const unit = readFileSync(join(directory, 'codexd.service'), 'utf8');
    writeFileSync(join(directory, 'codexd.service'), unit.replace('/usr/local/bin/codexd', process.execPath));
    mkdirSync(join(directory, 'codexd.service.d'), { recursive: true });
    writeFileSync(join(directory, 'codexd.service.d/guide.conf'), text);
    const { stderr, exitCode } = Bun.spawnSync(
      ['systemd-analyze', 'verify', '--man=no', './codexd.service'],
      {
        cwd: directory,
        env: { PATH: process.env.PATH, SYSTEMD_UNIT_PATH: `${directory}:` },
      },
    );
    expect({ exitCode, output: stderr.toString() }).toEqual({ exitCode: 0, output: '' });
  },
);
