// Generates the README's tables of settings from the schema. test/house/readme.test.ts checks that the README contains
// them; `UPDATE=1 ./scripts/bun.sh test test/house` rewrites it.
import { maskSecret } from '../src/cli/config.ts';
import type { NamedKey } from '../src/config/schema.ts';
import { namedKeys } from '../src/config/schema.ts';

export function configTable(): string {
  const rows = namedKeys.map((named) => [
    `\`${named.path}\``,
    shownDefault(named),
    waysToSay(named).join(' '),
    named.key.help,
  ]);
  return table(['setting', 'default', 'flag, short variable', 'meaning'], rows);
}

/** The variables of older projects, and the setting for each. */
export function legacyTable(): string {
  const rows = namedKeys.flatMap((named) => [
    ...named.key.legacyEnv.map(({ name }) => [`\`${name}\``, `\`${named.path}\``]),
    ...named.key.parts.flatMap(({ flag, legacyEnv }) =>
      legacyEnv === undefined ? [] : [[`\`${legacyEnv}\``, `\`${named.path}\`, its ${flag}`]],
    ),
  ]);
  return table(['variable', 'setting'], rows);
}

function shownDefault(named: NamedKey): string {
  const value = maskSecret(named, named.key.default);
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function waysToSay({ key }: NamedKey): string[] {
  const flags = [key.flag ?? [], ...key.parts.map((part) => part.flag)].flat().map((flag) => `\`--${flag}\``);
  const variables = [...key.env, ...key.parts.map((part) => part.env)].map((name) => `\`${name}\``);
  return [...flags, ...variables, ...(key.only === 'env' ? ['(environment only)'] : [])];
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
