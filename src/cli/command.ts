// How a command is written: its own arguments (citty's form), the settings whose flags it takes, examples for its help,
// and one function. The strict reading of argv is in arguments.ts; citty gives the arguments their types and runs it.
import { type ArgDef, type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty';
import type { Env } from '../config/env.ts';
import type { Flags } from '../config/load.ts';
import type { KnownSecrets } from '../log/redact.ts';
import type { SettingsOf } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `multiple`: the argument may be given more than once; `all` has every value, citty only the last. */
export type Arg = ArgDef & {
  multiple?: true;
  /** It is a sentence: more words than one mean that its quotes are missing. */
  isSentence?: true;
};

/** citty takes every `--no-x` for the negation of x. */
type NoNegations<T> = { [K in keyof T]: K extends `no-${string}` ? never : T[K] };

/** What the process gives a command. */
export interface Surroundings {
  terminal: Terminal;
  env: Env;
  platform: string;
  homedir: string;
  /** What must not be printed or logged; commands add the credentials they come to know. */
  secrets: KnownSecrets;
  /** The file's text, undefined when there is no such file. */
  readFile(path: string): string | undefined;
  /**
   * Runs `listener` on the first Ctrl-C instead of ending with status 130 at once; the second always ends. So it is with
   * the signals that `also` names.
   */
  onInterrupt(listener: () => void, also?: readonly NodeJS.Signals[]): void;
}

/** What was asked for with the flags every command has, and those of its sections. */
export interface CommonFlags {
  json: boolean;
  profile: string | undefined;
  configFile: string | undefined;
  flags: Flags;
}

export interface Invocation extends Surroundings, CommonFlags {
  /** Every value given for an argument with `multiple`, in order. */
  all(name: string): readonly string[];
}

export interface Call<T extends ArgsDef = ArgsDef> extends Invocation {
  args: ParsedArgs<T>;
}

/** The exit code, 0 when there is none. */
export type ExitCode = number | undefined;

export interface Command {
  args: Readonly<Record<string, Arg>>;
  settings: readonly SettingsOf[];
  examples: readonly string[];
  citty: CommandDef;
}

export interface CommandGroup {
  commands: Readonly<Record<string, CommandEntry>>;
  /** Command lines for its help. */
  examples?: readonly string[];
  /** The command that is meant where a word means a file and stands in the place of a command. */
  files?: { command: string; means(word: string | undefined): boolean };
}

export interface CommandEntry {
  /** What it does, in one sentence for the help. */
  summary: string;
  load(): Promise<Command | CommandGroup>;
}

export function command<const T extends Record<string, Arg>>(spec: {
  args?: T & NoNegations<T>;
  /** The settings it reads, whose flags it takes. */
  settings?: readonly SettingsOf[];
  /** Command lines for its help. */
  examples?: readonly string[];
  run(call: Call<T>): ExitCode | Promise<ExitCode>;
}): Command {
  const args = spec.args ?? ({} as T);
  const citty = defineCommand<T>({
    args,
    run: ({ args, data }) => spec.run({ ...(data as Invocation), args }),
  });
  const { settings = [], examples = [] } = spec;
  return { args, settings, examples, citty: citty as CommandDef };
}
