// What `--help` prints: what the command does, how it is called, and every option it takes.
import type { Found } from './arguments.ts';
import { isGroup } from './arguments.ts';
import type { Command, CommandGroup } from './command.ts';
import { commonOptions, type Option, optionsOf, positionalsOf } from './options.ts';

type Row = [left: string, right: string];

export function helpText(found: Found): string {
  return isGroup(found.command) ? groupHelp(found, found.command) : commandHelp(found, found.command);
}

function groupHelp(found: Found, group: CommandGroup): string {
  const commands = Object.entries(group.commands).map(([name, entry]): Row => [name, entry.summary]);
  return [
    `${found.summary}\n`,
    `Usage: ${found.name} COMMAND [OPTIONS]\n`,
    section('Commands', commands),
    section('Options', commonOptions.map(optionRow)),
    `\`${found.name} COMMAND --help\` tells more.\n`,
  ].join('\n');
}

function commandHelp(found: Found, command: Command): string {
  const positionals = positionalsOf(command);
  const options = [...optionsOf(command).values()];
  const words = positionals.map(({ name, required, multiple }) => {
    const word = multiple ? `${name}…` : name;
    return required ? word : `[${word}]`;
  });
  const rows = (owner: Option['owner']) => options.filter((option) => option.owner === owner).map(optionRow);
  return [
    `${found.summary}\n`,
    `Usage: ${[found.name, ...words, '[OPTIONS]'].join(' ')}\n`,
    section(
      'Arguments',
      positionals.map(({ name, help }): Row => [name, help]),
    ),
    section('Options', [...rows('own'), ...rows('common')]),
    section('Settings (also in config.toml and the environment: `codexd config show`)', rows('config')),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function optionRow({ name, short, hint, form, help }: Option): Row {
  const names = short === undefined ? `    --${name}` : short === name ? `-${short}` : `-${short}, --${name}`;
  return [`${names}${hint === '' ? '' : ` ${hint}`}${form === 'list' ? '…' : ''}`, help];
}

function section(title: string, rows: Row[]): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([left]) => left.length));
  return `${title}:\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')}`;
}
