// What `--help` prints: what the command does, how it is called, its options and examples. What every command takes is
// described in one place, `codexd help options`, and only named elsewhere.
import type { Found } from './arguments.ts';
import { isGroup } from './arguments.ts';
import type { Command, CommandGroup } from './command.ts';
import { commonOptions, globalOptions, type Option, optionsOf, positionalsOf } from './options.ts';
import { type Definition, definitions, paragraph, wrap } from './wrap.ts';

export function helpText(found: Found, width: number): string {
  const { name, command } = found;
  const parts = isGroup(command)
    ? name === 'codexd'
      ? rootHelp(found, command, width)
      : groupHelp(found, command, width)
    : commandHelp(found, command, width);
  return parts.filter((part) => part !== '').join('\n');
}

/** `codexd help options`. */
export function globalHelp(width: number): string {
  const about =
    'Options that mean the same for every command that accepts them; `codexd help COMMAND` names those.';
  const settings =
    'Each is also a setting in config.toml and a variable: run `codexd config show` for its value.';
  return [
    paragraph(about, width),
    section(
      'Options',
      globalOptions().map((one) => optionRow(one, width)),
      width,
    ),
    paragraph(settings, width),
  ].join('\n');
}

function rootHelp({ summary }: Found, group: CommandGroup, width: number): string[] {
  const options: Definition[] = [
    ...commonOptions.map((one) => optionRow(one, width)),
    optionRow(globalOptions().find(({ name }) => name === 'log-level')!, width),
    ['-V, --version', 'Print the version.'],
  ];
  return [
    paragraph(summary, width),
    usage(['codexd COMMAND [OPTIONS]', 'codexd FILE [OPTIONS]'], width),
    section('Commands', commandRows(group), width),
    section('Options', options, width),
    examples(group.examples ?? [], width),
    paragraph(
      'Run `codexd help COMMAND` for the options of a command, `codexd help options` for those of the login and the network.',
      width,
    ),
  ];
}

function groupHelp({ name, summary }: Found, group: CommandGroup, width: number): string[] {
  return [
    paragraph(summary, width),
    usage([`${name} COMMAND [OPTIONS]`], width),
    section('Commands', commandRows(group), width),
    examples(group.examples ?? [], width),
    paragraph(`Run \`${name} COMMAND --help\` for details.`, width),
  ];
}

function commandRows(group: CommandGroup): Definition[] {
  return Object.entries(group.commands).map(([name, entry]) => [name, entry.summary]);
}

function commandHelp({ name, summary }: Found, command: Command, width: number): string[] {
  const positionals = positionalsOf(command);
  const options = [...optionsOf(command).values()];
  const words = positionals.map((one) => {
    const word = one.multiple ? `${one.name}…` : one.name;
    return one.required ? word : `[${word}]`;
  });
  const own = options.filter(({ owner, isGlobal }) => owner !== 'config' && !isGlobal);
  const settings = options.filter(({ owner, isGlobal }) => owner === 'config' && !isGlobal);
  const global = options.filter(({ isGlobal }) => isGlobal);
  const title = 'Settings, also in config.toml and the environment (see `codexd config show`)';
  return [
    paragraph(summary, width),
    usage([[name, ...words, '[OPTIONS]'].join(' ')], width),
    section(
      'Arguments',
      positionals.map((one): Definition => [one.name, one.help]),
      width,
    ),
    section(
      'Options',
      ownFirst(own).map((one) => optionRow(one, width)),
      width,
    ),
    section(
      title,
      settings.map((one) => optionRow(one, width)),
      width,
    ),
    named('Global options, described by `codexd help options`', global, width),
    examples(command.examples, width),
  ];
}

function ownFirst(options: readonly Option[]): Option[] {
  return [
    ...options.filter(({ owner }) => owner === 'own'),
    ...options.filter(({ owner }) => owner !== 'own'),
  ];
}

function usage(lines: readonly string[], width: number): string {
  const margin = 'Usage: '.length;
  return lines
    .map((line, at) =>
      paragraph((at === 0 ? 'Usage: ' : ' '.repeat(margin)) + line, width, ' '.repeat(margin)),
    )
    .join('');
}

/** On a narrow terminal, a long list of values goes into the description. */
const narrow = 60;

function optionRow(option: Option, width: number): Definition {
  const { name, short, form } = option;
  const values = option.hint.split('|');
  const isMoved = width < narrow && values.length > 1;
  const hint = isMoved ? name.toUpperCase().split('-').at(-1)! : option.hint;
  const help = isMoved ? `${option.help} One of ${values.join(', ')}.` : option.help;
  const names = short === undefined ? `    --${name}` : short === name ? `-${short}` : `-${short}, --${name}`;
  return [`${names}${hint === '' ? '' : ` ${hint}`}${form === 'list' ? '…' : ''}`, help];
}

function section(title: string, rows: readonly Definition[], width: number): string {
  return rows.length === 0 ? '' : `${paragraph(`${title}:`, width)}${definitions(rows, width, '  ')}`;
}

function named(title: string, options: readonly Option[], width: number): string {
  if (options.length === 0) return '';
  const names = options.map(({ name }) => `--${name}`).join(', ');
  return `${paragraph(`${title}:`, width)}  ${paragraph(names, width, '  ')}`;
}

/** A line that is too long goes on as a shell takes it. */
function examples(lines: readonly string[], width: number): string {
  if (lines.length === 0) return '';
  const wrapped = lines.map((line) => wrap(line, width - 8).join(' \\\n      '));
  return `Examples:\n${wrapped.map((line) => `  ${line}\n`).join('')}`;
}
