// The strict reading of argv in front of citty, which takes anything: unknown commands and options,
// missing values and surplus words are refused with exit status 2.
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { Failure } from '../failure.ts';
import type { Command, CommandGroup, CommonFlags } from './command.ts';
import { commonOptions, configOptions, type Option, optionsOf, positionalsOf } from './options.ts';

export interface Found {
  /** The command's words, e.g. `codexd config show`. */
  name: string;
  summary: string;
  command: Command | CommandGroup;
  /** What is left of argv for it, common options that stood in front of it included. */
  rest: string[];
  /** The word that names no command of this group, if any. */
  stray?: string;
}

/**
 * Walks argv down to a command, or to the group whose command is missing. Loads nothing that is not on the way. Where a
 * group knows files, the options of the command for them may stand in front as well: in codex-asr all of them are global.
 */
export async function findCommand(
  argv: readonly string[],
  root: CommandGroup,
  summary: string,
): Promise<Found> {
  let found: Found = { name: 'codexd', summary, command: root, rest: [...argv] };
  while (isGroup(found.command)) {
    const { commands, files } = found.command;
    let options = commonByName;
    let at = firstWord(found.rest, options);
    if (files && isOption(found.rest[at])) {
      options = optionsOf((await commands[files.command]!.load()) as Command);
      at = firstWord(found.rest, options);
    }
    const word = found.rest[at];
    if (word === undefined) return found;
    if (isOption(word)) throw unknownOption(word, found.name, options.keys());
    const named = Object.hasOwn(commands, word);
    const isFile = !named && files !== undefined && files.means(word === '--' ? found.rest[at + 1] : word);
    if (!named && !isFile) return word === '--' ? found : { ...found, stray: word };
    const name = isFile ? files.command : word;
    const entry = commands[name]!;
    found = {
      name: `${found.name} ${name}`,
      summary: entry.summary,
      command: await entry.load(),
      rest: isFile ? found.rest : found.rest.toSpliced(at, 1),
    };
  }
  return found;
}

export function isGroup(command: Command | CommandGroup): command is CommandGroup {
  return 'commands' in command;
}

const commonByName: ReadonlyMap<string, Option> = new Map(
  [...commonOptions, ...configOptions(['log'])].map((option) => [option.name, option]),
);

/** Index of the first word that is none of these options and no value of one: a word, `--` or another option. */
function firstWord(argv: readonly string[], options: ReadonlyMap<string, Option>): number {
  const token = tokensOf(argv, options).find(
    (one) => one.kind !== 'option' || (!options.has(one.name) && !negatedOption(options, one.name)),
  );
  return token?.index ?? argv.length;
}

function isOption(word: string | undefined): boolean {
  return word?.startsWith('-') === true && word !== '-' && word !== '--';
}

function tokensOf(argv: readonly string[], options: ReadonlyMap<string, Option>) {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries([...options.values()].map((option) => [option.name, nodeOption(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

export interface ReadArguments extends CommonFlags {
  help: boolean;
  /** The command's own arguments, in the one form citty reads without surprises. */
  rawArgs: string[];
  /** Every value of the command's own arguments. */
  values: ReadonlyMap<string, readonly string[]>;
}

/** Reads what follows the command's name; throws the usage Failure that names the word at fault. */
export function readArguments(name: string, command: Command, argv: readonly string[]): ReadArguments {
  const options = optionsOf(command);
  const read = new Reading();
  for (const token of tokensOf(argv, options)) {
    if (token.kind === 'positional') read.words.push(token.value);
    if (token.kind === 'option') read.option(name, options, token);
  }
  if (!read.help) checkWords(name, command, read);
  return read.finish();
}

function nodeOption(option: Option): { type: 'boolean' | 'string'; short?: string } {
  const type = option.form === 'toggle' ? 'boolean' : 'string';
  return option.short === undefined ? { type } : { type, short: option.short };
}

interface OptionToken {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

/** Collects tokens; lives for one call of `readArguments`. */
class Reading {
  readonly words: string[] = [];
  readonly #rawArgs: string[] = [];
  readonly #values = new Map<string, string[]>();
  readonly #config: Record<string, string | boolean | string[]> = {};
  readonly #common = new Map<string, string | boolean>();

  get help(): boolean {
    return this.#common.has('help');
  }

  option(command: string, options: ReadonlyMap<string, Option>, token: OptionToken): void {
    const positive = options.get(token.name);
    const negated = positive ? undefined : negatedOption(options, token.name);
    const option = positive ?? negated;
    if (!option) throw unknownOption(token.rawName, command, options.keys());
    const value =
      option.form === 'toggle' ? toggleValue(token, negated === undefined) : textValue(token, option);
    this.#take(option, value);
  }

  #take(option: Option, value: string | boolean): void {
    if (option.owner === 'common') this.#common.set(option.name, value);
    else if (option.owner === 'config') this.#takeConfig(option, value);
    else if (typeof value === 'boolean')
      this.#rawArgs.push(value ? `--${option.name}` : `--no-${option.name}`);
    else {
      this.#rawArgs.push(`--${option.name}=${value}`);
      this.#values.set(option.name, [...(this.#values.get(option.name) ?? []), value]);
    }
  }

  #takeConfig(option: Option, value: string | boolean): void {
    const before = this.#config[option.name];
    const isList = option.form === 'list' && typeof value === 'string';
    this.#config[option.name] = isList ? [...(Array.isArray(before) ? before : []), value] : value;
  }

  /** Gives the words from `at` on to the last positional, which takes any number. */
  setWords(name: string, at: number): void {
    this.#values.set(name, this.words.slice(at));
  }

  finish(): ReadArguments {
    const text = (name: string) => this.#common.get(name) as string | undefined;
    return {
      help: this.help,
      json: this.#common.has('json'),
      profile: text('profile'),
      configFile: text('config'),
      flags: this.#config,
      rawArgs: [...this.#rawArgs, '--', ...this.words],
      values: this.#values,
    };
  }
}

function negatedOption(options: ReadonlyMap<string, Option>, name: string): Option | undefined {
  const option = name.startsWith('no-') ? options.get(name.slice(3)) : undefined;
  return option?.negatable ? option : undefined;
}

function toggleValue(token: OptionToken, on: boolean): boolean {
  if (token.value === undefined) return on;
  throw usage(`\`${token.rawName}\` takes no value.`, `Leave out "=${token.value}".`);
}

function textValue(token: OptionToken, option: Option): string {
  const { value, rawName } = token;
  if (value === undefined || (!token.inlineValue && value.startsWith('-') && value !== '-')) {
    const next =
      value === undefined ? `${rawName} ${option.hint}` : `${rawName}=${value}, if that is the value`;
    throw usage(`\`${rawName}\` needs a value.`, `Write ${next}.`);
  }
  if (option.choices && !option.choices.includes(value)) {
    // In three letters one edit makes another word: --shell csh does not mean zsh.
    const near = value.length > 3 ? nearest(value, option.choices) : undefined;
    throw usage(
      `\`${rawName}\` cannot be "${value}".`,
      near ? `Did you mean ${near}?` : `Use one of ${option.choices.join(', ')}.`,
    );
  }
  return value;
}

function checkWords(name: string, command: Command, read: Reading): void {
  const positionals = positionalsOf(command);
  const missing = positionals[read.words.length];
  if (missing?.required) throw usage(`${missing.name} is missing.`, `See \`${name} --help\`.`);
  const last = positionals.at(-1);
  if (last?.multiple) read.setWords(last.name.toLowerCase(), positionals.length - 1);
  else if (read.words.length > positionals.length) {
    if (last?.isSentence) {
      const sentence = read.words.slice(positionals.length - 1).join(' ');
      throw usage(
        `The ${last.name.toLowerCase()} has to be one argument.`,
        `Quote it: ${name} ${JSON.stringify(sentence)}`,
      );
    }
    throw usage(`\`${name}\` does not take "${read.words[positionals.length]}".`, `See \`${name} --help\`.`);
  }
}

export function unknownCommand(word: string, found: Found): Failure {
  const names = isGroup(found.command) ? Object.keys(found.command.commands) : [];
  const near = nearest(word, names);
  return usage(
    `There is no command \`${found.name} ${word}\`.`,
    near ? `Did you mean \`${found.name} ${near}\`?` : `See \`${found.name} --help\`.`,
  );
}

function unknownOption(rawName: string, command: string, names: Iterable<string>): Failure {
  const word = rawName.replace(/^-+/, '').split('=', 1)[0]!;
  const near = nearest(word, names);
  return usage(
    `\`${command}\` has no option \`${rawName.split('=', 1)[0]}\`.`,
    near ? `Did you mean \`--${near}\`?` : `See \`${command} --help\`.`,
  );
}

export function usage(message: string, advice: string): Failure {
  return new Failure('invalid_request', message, { code: 'usage', advice });
}
