// Parses argv strictly before citty sees it, which accepts anything: unknown commands and options, missing values and
// extra arguments fail with exit status 2.
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { Failure } from '../failure.ts';
import type { Command, CommandGroup, CommonFlags } from './command.ts';
import { commonOptions, configOptions, type Option, optionsOf, positionalsOf } from './options.ts';

export interface FoundCommand {
  /** The command's words, e.g. `codexd config show`. */
  name: string;
  summary: string;
  command: Command | CommandGroup;
  /** The remaining argv, including common options that preceded the command's name. */
  rest: string[];
  /** The word in place of a command's name that no command of this group has, if any. */
  unknownWord?: string;
}

/**
 * Walks argv down to a command, or to the group whose command is missing, and loads only the commands on the way. In a
 * group with a `fileCommand`, that command's options may precede the file, as in codex-asr, where all options are
 * global.
 */
export async function findCommand(
  argv: readonly string[],
  root: CommandGroup,
  summary: string,
): Promise<FoundCommand> {
  let found: FoundCommand = { name: 'codexd', summary, command: root, rest: [...argv] };
  while (isGroup(found.command)) {
    const { commands, fileCommand } = found.command;
    let options = commonByName;
    let at = firstWord(found.rest, options);
    if (fileCommand && isOption(found.rest[at])) {
      options = optionsOf((await commands[fileCommand.name]!.load()) as Command);
      at = firstWord(found.rest, options);
    }
    const word = found.rest[at];
    if (word === undefined) return found;
    if (isOption(word)) throw unknownOption(word, found.name, options.keys());
    const isCommand = Object.hasOwn(commands, word);
    const isFile = !isCommand && fileCommand?.isFile(word === '--' ? found.rest[at + 1] : word) === true;
    if (!isCommand && !isFile) return word === '--' ? found : { ...found, unknownWord: word };
    const name = isFile ? fileCommand!.name : word;
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

/** What may precede a command's name. */
export const commonByName: ReadonlyMap<string, Option> = new Map(
  [...commonOptions, ...configOptions(['log'])].map((option) => [option.name, option]),
);

/** Index of the first element that is neither one of `options` nor its value: a word, `--` or another option. */
function firstWord(argv: readonly string[], options: ReadonlyMap<string, Option>): number {
  const token = tokensOf(argv, options).find(
    (candidate) =>
      candidate.kind !== 'option' ||
      (!options.has(candidate.name) && !negatedOption(options, candidate.name)),
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

export interface ParsedArguments extends CommonFlags {
  help: boolean;
  /** The command's own arguments as `--name=value`, the form that citty cannot misread. */
  rawArgs: string[];
  /** Every value of the command's own arguments. */
  values: ReadonlyMap<string, readonly string[]>;
}

/** Parses everything after the command's name; throws a usage Failure that names the word at fault. */
export function parseArguments(name: string, command: Command, argv: readonly string[]): ParsedArguments {
  const options = optionsOf(command);
  const collector = new ArgumentCollector();
  const { own, passedOn } = splitArguments(command, options, argv);
  for (const token of tokensOf(own, options)) {
    if (token.kind === 'positional') collector.words.push(token.value);
    if (token.kind === 'option') collector.addOption(name, options, token);
  }
  collector.words.push(...passedOn);
  if (!collector.help) checkWords(name, command, collector);
  return collector.finish();
}

/** `passedOn`: the words of another program, whose options must not be parsed. A `--` before them is codexd's. */
function splitArguments(
  command: Command,
  options: ReadonlyMap<string, Option>,
  argv: readonly string[],
): { own: readonly string[]; passedOn: readonly string[] } {
  const at = firstWord(argv, options);
  const hasPassedOn = positionalsOf(command).some(({ isPassedOn }) => isPassedOn) && !isOption(argv[at]);
  if (!hasPassedOn) return { own: argv, passedOn: [] };
  return { own: argv.slice(0, at), passedOn: argv.slice(argv[at] === '--' ? at + 1 : at) };
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

/** Collects the tokens of one `parseArguments` call. */
class ArgumentCollector {
  readonly words: string[] = [];
  readonly #rawArgs: string[] = [];
  readonly #values = new Map<string, string[]>();
  readonly #config: Record<string, string | boolean | string[]> = {};
  readonly #common = new Map<string, string | boolean>();

  get help(): boolean {
    return this.#common.has('help');
  }

  addOption(command: string, options: ReadonlyMap<string, Option>, token: OptionToken): void {
    const positive = options.get(token.name);
    const negated = positive ? undefined : negatedOption(options, token.name);
    const option = positive ?? negated;
    if (!option) throw unknownOption(token.rawName, command, options.keys());
    const value =
      option.form === 'toggle' ? toggleValue(token, negated === undefined) : textValue(token, option);
    this.#add(option, value);
  }

  #add(option: Option, value: string | boolean): void {
    if (option.owner === 'common') this.#common.set(option.name, value);
    else if (option.owner === 'config') this.#addConfig(option, value);
    else if (typeof value === 'boolean')
      this.#rawArgs.push(value ? `--${option.name}` : `--no-${option.name}`);
    else {
      this.#rawArgs.push(`--${option.name}=${value}`);
      this.#values.set(option.name, [...(this.#values.get(option.name) ?? []), value]);
    }
  }

  #addConfig(option: Option, value: string | boolean): void {
    const before = this.#config[option.name];
    const isList = option.form === 'list' && typeof value === 'string';
    this.#config[option.name] = isList ? [...(Array.isArray(before) ? before : []), value] : value;
  }

  /** Assigns the words from index `at` on to the last positional, which accepts any number. */
  assignWords(name: string, at: number): void {
    this.#values.set(name, this.words.slice(at));
  }

  finish(): ParsedArguments {
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
  throw usageFailure(`\`${token.rawName}\` does not take a value.`, `Remove "=${token.value}".`);
}

function textValue(token: OptionToken, option: Option): string {
  const { value, rawName } = token;
  if (value === undefined || (!token.inlineValue && value.startsWith('-') && value !== '-')) {
    const advice =
      value === undefined
        ? `Use \`${rawName} ${option.hint}\`.`
        : `If "${value}" is the value, use \`${rawName}=${value}\`.`;
    throw usageFailure(`\`${rawName}\` requires a value.`, advice);
  }
  if (option.choices && !option.choices.includes(value)) {
    // A three-letter word is one edit away from unrelated ones: --shell csh does not mean zsh.
    const near = value.length > 3 ? nearest(value, option.choices) : undefined;
    throw invalidValue(
      rawName,
      value,
      near ? `Did you mean ${near}?` : `Use one of ${option.choices.join(', ')}.`,
    );
  }
  return value;
}

function checkWords(name: string, command: Command, collector: ArgumentCollector): void {
  const { words } = collector;
  const positionals = positionalsOf(command);
  const missing = positionals[words.length];
  if (missing?.required) {
    throw usageFailure(`\`${name}\` requires ${missing.name}.`, `Run \`${name} --help\` for details.`);
  }
  const last = positionals.at(-1);
  if (last?.multiple) collector.assignWords(last.name.toLowerCase(), positionals.length - 1);
  else if (words.length > positionals.length) {
    if (last?.isSentence) {
      const sentence = words.slice(positionals.length - 1).join(' ');
      throw usageFailure(
        `The ${last.name.toLowerCase()} must be one argument.`,
        `Quote it: ${name} ${JSON.stringify(sentence)}`,
      );
    }
    throw usageFailure(
      `Unexpected argument "${words[positionals.length]}" for \`${name}\`.`,
      `Run \`${name} --help\` for details.`,
    );
  }
}

export function unknownCommand(word: string, found: FoundCommand): Failure {
  const names = isGroup(found.command) ? Object.keys(found.command.commands) : [];
  const near = nearest(word, names);
  return usageFailure(
    `Unknown command "${word}" for \`${found.name}\`.`,
    near
      ? `Did you mean \`${found.name} ${near}\`?`
      : `Run \`${found.name} --help\` for the list of commands.`,
  );
}

function unknownOption(rawName: string, command: string, names: Iterable<string>): Failure {
  const word = rawName.replace(/^-+/, '').split('=', 1)[0]!;
  const near = nearest(word, names);
  return usageFailure(
    `Unknown option \`${rawName.split('=', 1)[0]}\` for \`${command}\`.`,
    near ? `Did you mean \`--${near}\`?` : `Run \`${command} --help\` for the list of options.`,
  );
}

export function usageFailure(message: string, advice: string): Failure {
  return new Failure('invalid_request', message, { code: 'usage', advice });
}

export function invalidValue(option: string, value: string, advice: string): Failure {
  return usageFailure(`"${value}" is not a valid value for \`${option}\`.`, advice);
}
