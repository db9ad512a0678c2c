// What `--help` prints: summary, usage, options and examples of a command. Options that many commands share are described
// in one place, `codexd help options`, and only listed by name elsewhere.
import type { FoundCommand } from './arguments.ts';
import { isGroup } from './arguments.ts';
import type { Command, CommandGroup } from './command.ts';
import { commonOptions, globalOptions, type Option, optionsOf, positionalsOf } from './options.ts';
import { type Definition, definitions, noBreak, paragraph, wrap } from './wrap.ts';

export function helpText(found: FoundCommand, width: number): string {
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
    'Options shared by several commands. `codexd help COMMAND` lists those that a command accepts.';
  const settings =
    'Except --profile and --config, each is also a setting in config.toml and an environment variable. Run `codexd config show` for the current values.';
  return [
    paragraph(about, width),
    section(
      'Options',
      globalOptions().map((option) => optionRow(option, width)),
      width,
    ),
    paragraph(settings, width),
  ].join('\n');
}

function rootHelp({ summary }: FoundCommand, group: CommandGroup, width: number): string[] {
  const options: Definition[] = [
    ...commonOptions.map((option) => optionRow(option, width)),
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
      'Run `codexd help COMMAND` for details of a command, and `codexd help options` for the login and network options.',
      width,
    ),
  ];
}

function groupHelp({ name, summary }: FoundCommand, group: CommandGroup, width: number): string[] {
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

function commandHelp({ name, summary }: FoundCommand, command: Command, width: number): string[] {
  const positionals = positionalsOf(command);
  const options = [...optionsOf(command).values()];
  const words = positionals.map(({ name, multiple, required }) => {
    const word = multiple ? `${name}…` : name;
    return required ? word : `[${word}]`;
  });
  const own = options.filter(({ owner, isGlobal }) => owner !== 'config' && !isGlobal);
  const settings = options.filter(({ owner, isGlobal }) => owner === 'config' && !isGlobal);
  const global = options.filter(({ isGlobal }) => isGlobal);
  const title = 'Settings (also available in config.toml and the environment)';
  return [
    paragraph(summary, width),
    usage(
      [
        commandLine(
          name,
          words,
          positionals.some(({ isPassedOn }) => isPassedOn),
        ),
      ],
      width,
    ),
    section(
      'Arguments',
      positionals.map(({ name, help }): Definition => [name, help]),
      width,
    ),
    section(
      'Options',
      ownFirst(own).map((option) => optionRow(option, width)),
      width,
    ),
    section(
      title,
      settings.map((option) => optionRow(option, width)),
      width,
    ),
    nameList('Global options (see `codexd help options`)', global, width),
    examples(command.examples, width),
  ];
}

/** Another program's words come last, because options after them are that program's. */
function commandLine(name: string, words: readonly string[], endsWithOther: boolean): string {
  return (endsWithOther ? [name, '[OPTIONS]', ...words] : [name, ...words, '[OPTIONS]']).join(' ');
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

/** On a terminal with fewer columns, a list of values moves into the description. */
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

function nameList(title: string, options: readonly Option[], width: number): string {
  if (options.length === 0) return '';
  const names = options.map(({ name }) => `--${name}`).join(', ');
  return `${paragraph(`${title}:`, width)}  ${paragraph(names, width, '  ')}`;
}

function examples(lines: readonly string[], width: number): string {
  if (lines.length === 0) return '';
  return `Examples:\n${lines.map((line) => `  ${shellLines(line, width - 2)}\n`).join('')}`;
}

/** A line that is too long continues after a backslash, as a shell reads it. Quoted words stay together. */
function shellLines(line: string, width: number): string {
  if (Bun.stringWidth(line) <= width) return line;
  const unbroken = line.replace(/"[^"]*"/g, (quote) => quote.replaceAll(' ', noBreak));
  return wrap(unbroken, width - 6).join(' \\\n      ');
}
