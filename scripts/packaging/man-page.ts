// The man page codexd.1, from the tables behind the help texts: commands, options and settings. A release includes it;
// the program itself knows no roff (https://man7.org/linux/man-pages/man7/man.7.html).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { isGroup } from '../../src/cli/arguments.ts';
import type { Command, CommandEntry } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import {
  commonOptions,
  globalOptions,
  type Option,
  optionsOf,
  positionalsOf,
} from '../../src/cli/options.ts';
import { namedKeys } from '../../src/config/schema.ts';

const readme = readFileSync(join(import.meta.dir, '../../README.md'), 'utf8');

export async function manPage(): Promise<string> {
  const all = await everyCommand('codexd', commands);
  return [
    `.TH CODEXD 1 "" "codexd ${pkg.version}" "User Commands"`,
    section('NAME'),
    `codexd \\- ${roff('use your ChatGPT/Codex login from any tool')}`,
    section('SYNOPSIS'),
    '.B codexd\n.I COMMAND\n.RI [ OPTIONS ]',
    '.br\n.B codexd\n.I FILE\n.RI [ OPTIONS ]',
    section('DESCRIPTION'),
    roff(pkg.description),
    section('COMMANDS'),
    ...all.map(commandText),
    section('OPTIONS OF EVERY COMMAND'),
    ...commonOptions.filter(({ isGlobal }) => !isGlobal).map(optionText),
    ...globalOptions().map(optionText),
    section('SETTINGS'),
    roff(
      'Each is a key of config.toml, and the environment variable CODEXD_<SECTION>_<KEY>. `codexd config show` prints their values and where each comes from.',
    ),
    ...namedKeys.map(settingText),
    section('EXIT STATUS'),
    ...exitStatuses().map(([status, meaning]) => `.TP\n.B ${status}\n${roff(meaning)}`),
    section('FILES'),
    term(
      '~/.config/codexd/config.toml',
      'The settings. `codexd config path` prints the path on this machine.',
    ),
    term('~/.local/state/codexd/default/auth.json', "codexd's own login. Only you can read it."),
    term('~/.codex/auth.json', "The Codex CLI's login, used if codexd has none of its own."),
    section('SEE ALSO'),
    roff(pkg.homepage),
    '',
  ].join('\n');
}

async function everyCommand(
  prefix: string,
  entries: Readonly<Record<string, CommandEntry>>,
): Promise<{ name: string; summary: string; command: Command }[]> {
  const found = Object.entries(entries).map(async ([word, { summary, load }]) => {
    const command = await load();
    const name = `${prefix} ${word}`;
    return isGroup(command) ? everyCommand(name, command.commands) : [{ name, summary, command }];
  });
  return (await Promise.all(found)).flat();
}

function commandText({
  name,
  summary,
  command,
}: {
  name: string;
  summary: string;
  command: Command;
}): string {
  const positionals = positionalsOf(command);
  const words = positionals.map(({ name, required, multiple }) => {
    const word = `${name}${multiple ? '...' : ''}`;
    return required ? word : `[${word}]`;
  });
  const options = [...optionsOf(command).values()].filter(
    ({ owner, isGlobal }) => owner !== 'common' && !isGlobal,
  );
  return [
    `.SS ${quote([name, ...words].join(' '))}`,
    roff(summary),
    ...positionals.filter(({ help }) => help !== '').map(({ name, help }) => term(name, help)),
    ...options.map(optionText),
    ...(command.examples.length === 0
      ? []
      : ['.PP\nExamples:\n.PP\n.nf\n.RS', ...command.examples.map(roff), '.RE\n.fi']),
  ].join('\n');
}

function optionText({ name, short, hint, form, help }: Option): string {
  const names = short === undefined ? `--${name}` : short === name ? `-${short}` : `-${short}, --${name}`;
  const value = hint === '' ? '' : ` ${hint}${form === 'list' ? '...' : ''}`;
  return term(names + value, help);
}

function settingText({ path, key }: (typeof namedKeys)[number]): string {
  const variables = [...key.env, ...key.parts.map(({ env }) => env)];
  const also = variables.length === 0 ? '' : ` Also ${variables.join(', ')}.`;
  return term(path, `${key.help}${also}`);
}

/** The README's table. */
function exitStatuses(): [status: string, meaning: string][] {
  const table = readme.split('| exit status | meaning |')[1]!.split('\n\n', 1)[0]!;
  return [...table.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, status, meaning]) => [status!, meaning!]);
}

const section = (title: string) => `.SH ${quote(title)}`;
const term = (name: string, meaning: string) => `.TP\n.B ${quote(name)}\n${roff(meaning)}`;
const quote = (text: string) => `"${roff(text).replaceAll('"', '\\(dq')}"`;

/** Plain text in roff. Hyphens become minus signs, so that options can be copied. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('\u00a0', '\\ ')
    .replace(/^(?=[.'])/gm, '\\&');
}
