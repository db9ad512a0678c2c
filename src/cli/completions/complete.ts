// What may stand for the last word of an unfinished command line.
import { commonByName, isGroup } from '../arguments.ts';
import type { Command, CommandEntry, CommandGroup } from '../command.ts';
import { type Option, optionsOf, positionalsOf } from '../options.ts';

export interface Candidate {
  value: string;
  description: string;
}

export type Completion = readonly Candidate[] | 'files';

type Commands = Readonly<Record<string, CommandEntry>>;

const nothing: Completion = [];

/** `words` are those after `codexd`; the last is the one to complete, and may be empty. */
export async function complete(
  words: readonly string[],
  root: { commands: Commands; fileCommandName: string },
): Promise<Completion> {
  const isHelp = words[0] === 'help' && words.length > 1;
  const before = words.slice(isHelp ? 1 : 0, -1);
  const current = words.at(-1) ?? '';
  const position = await walk(before, root);
  if (position === undefined) return nothing;
  const { pending, isLiteral, isPassedOn } = position;
  if (pending !== undefined) return starting(current, valuesOf(pending));
  if (isPassedOn) return 'files';
  if (isHelp) return isGroup(position.command) ? starting(current, commandNames(position, true)) : nothing;
  if (current.startsWith('-') && !isLiteral) return completeOption(current, position);
  if (isGroup(position.command)) return completeCommand(current, position);
  return completePositional(current, position);
}

interface Position {
  command: Command | CommandGroup;
  /** No command was named yet. */
  isRoot: boolean;
  options: ReadonlyMap<string, Option>;
  /** The options that were used, by name. */
  used: ReadonlySet<string>;
  /** How many positional arguments there are. */
  positionals: number;
  /** The option whose value comes next. */
  pending?: Option;
  /** After `--`, a word is never an option. */
  isLiteral: boolean;
  /** The words to come are another program's. */
  isPassedOn: boolean;
}

/** Reads the words before the one to complete; undefined if one of them is not the name of a command. */
async function walk(
  words: readonly string[],
  { commands, fileCommandName }: { commands: Commands; fileCommandName: string },
): Promise<Position | undefined> {
  let command: Command | CommandGroup = { commands };
  let isRoot = true;
  let positionals = 0;
  let isLiteral = false;
  let isPassedOn = false;
  let pending: Option | undefined;
  const used = new Set<string>();
  const options = () => (isGroup(command) ? commonByName : optionsOf(command));
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (isPassedOn) break;
    else if (word === '--' && !isLiteral) isLiteral = true;
    else if (word.startsWith('-') && word !== '-' && !isLiteral) {
      const option = findOption(word, options());
      if (option !== undefined) used.add(option.name);
      if (option !== undefined && option.form !== 'toggle' && !word.includes('=')) pending = option;
    } else if (isGroup(command)) {
      const isCommand: boolean = Object.hasOwn(command.commands, word);
      // Like `codexd FILE`.
      if (!isCommand && !isRoot) return undefined;
      command = await command.commands[isCommand ? word : fileCommandName]!.load();
      if (!isCommand) positionals += 1;
      isRoot = false;
    } else {
      isPassedOn ||= positionalsOf(command)[positionals]?.isPassedOn === true;
      positionals += 1;
    }
  }
  return {
    ...{ command, isRoot, options: options(), used, positionals, isLiteral, isPassedOn },
    ...(pending === undefined ? {} : { pending }),
  };
}

function findOption(word: string, options: ReadonlyMap<string, Option>): Option | undefined {
  if (!word.startsWith('--')) return [...options.values()].find(({ short }) => short === word.slice(1));
  const name = word.slice(2).split('=', 1)[0]!;
  return options.get(name) ?? (name.startsWith('no-') ? options.get(name.slice(3)) : undefined);
}

/** `--na` or `--name=val`. */
function completeOption(current: string, { options, used, isRoot }: Position): Completion {
  const equals = current.indexOf('=');
  if (equals >= 0) {
    const option = findOption(current, options);
    if (option === undefined || option.form === 'toggle') return nothing;
    const values = starting(current.slice(equals + 1), valuesOf(option));
    if (values === 'files') return values;
    const prefix = current.slice(0, equals + 1);
    return values.map(({ value, description }) => ({ value: prefix + value, description }));
  }
  const free = [...options.values()].filter(({ name, form }) => form === 'list' || !used.has(name));
  const names = free.flatMap((option): Candidate[] => {
    const negation = option.negatable && current.startsWith('--no-');
    return [
      // An option of one letter has no long form.
      { value: option.name.length === 1 ? `-${option.name}` : `--${option.name}`, description: option.help },
      ...(negation ? [{ value: `--no-${option.name}`, description: option.help }] : []),
    ];
  });
  const version = { value: '--version', description: 'Print the version.' };
  return starting(current, isRoot ? [...names, version] : names);
}

function completeCommand(current: string, position: Position): Completion {
  const names = starting(current, commandNames(position, false));
  return position.isRoot && names.length === 0 ? 'files' : names;
}

function commandNames({ command, isRoot }: Position, forHelp: boolean): Candidate[] {
  if (!isGroup(command)) return [];
  const names = Object.entries(command.commands).map(([value, { summary }]) => ({
    value,
    description: summary,
  }));
  if (!isRoot) return names;
  const [value, description] = forHelp
    ? ['options', 'Show the options that several commands share.']
    : ['help', 'Show help for a command.'];
  return [...names, { value, description }];
}

function completePositional(current: string, { command, positionals }: Position): Completion {
  if (isGroup(command)) return nothing;
  const all = positionalsOf(command);
  const positional = all[positionals] ?? (all.at(-1)?.multiple ? all.at(-1) : undefined);
  if (positional === undefined) return nothing;
  const { name, values = [] } = positional;
  if (isFileName(name)) return 'files';
  return starting(current, asCandidates(values));
}

function valuesOf({ hint, values = [] }: Option): Completion {
  return isFileName(hint) ? 'files' : asCandidates(values);
}

/** The placeholders of values that are files and directories. */
const isFileName = (placeholder: string) => /^(?:FILES?|PATH|DIR)$/.test(placeholder);

const asCandidates = (values: readonly string[]) => values.map((value) => ({ value, description: '' }));

function starting(prefix: string, completion: Completion): Completion {
  if (completion === 'files') return completion;
  return completion.filter(({ value }) => value.startsWith(prefix));
}
