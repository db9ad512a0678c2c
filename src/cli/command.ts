// Defines a command: its own arguments (in citty's form), the settings whose flags it accepts, examples for its help, and
// one function. arguments.ts parses argv strictly; citty types the arguments and runs the function.
import { type ArgDef, type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty';
import type { Env } from '../config/env.ts';
import type { Flags } from '../config/load.ts';
import type { SectionName } from '../config/schema.ts';
import type { KnownSecrets } from '../log/redact.ts';
import type { Terminal } from './terminal.ts';

/** `multiple`: the argument may be repeated; `Invocation.all` returns every value, citty only the last. */
export type Arg = ArgDef & {
  multiple?: true;
  /** The words from this positional on are another program's: options among them are not codexd's. */
  isPassedOn?: true;
  /** What completions offer for a positional. */
  values?: readonly string[];
  /** A sentence: more than one word means that its quotes are missing. */
  isSentence?: true;
};

/** citty reads every `--no-x` as the negation of x. */
type NoNegations<T> = { [K in keyof T]: K extends `no-${string}` ? never : T[K] };

/** What a command needs of its process; tests pass fakes. */
export interface ProcessContext {
  terminal: Terminal;
  env: Env;
  platform: string;
  homedir: string;
  /** Values that must not be printed or logged; commands add the credentials they read. */
  secrets: KnownSecrets;
  /** The file's text; undefined if there is no such file. Throws a Failure if it cannot be read. */
  readFile(path: string): string | undefined;
  /**
   * Runs `listener` on the first Ctrl-C instead of exiting with status 130; the second Ctrl-C always exits. `also` names
   * further signals that are treated like Ctrl-C.
   */
  onInterrupt(listener: () => void, also?: readonly ('SIGTERM' | 'SIGHUP')[]): void;
  /** Runs `act` when the process exits, unless the function it returns was called before. */
  atExit(act: () => void): () => void;
}

/** The values of the flags that every command accepts, and of its configuration flags. */
export interface CommonFlags {
  json: boolean;
  profile: string | undefined;
  configFile: string | undefined;
  flags: Flags;
}

export interface Invocation extends ProcessContext, CommonFlags {
  /** Every value of an argument with `multiple`, in order. */
  all(name: string): readonly string[];
}

export interface Call<T extends ArgsDef = ArgsDef> extends Invocation {
  args: ParsedArgs<T>;
}

/** The exit code; undefined means 0. */
export type ExitCode = number | undefined;

/** A section of the configuration, or one setting of it, e.g. `server.listen`. */
export type SettingsOf = SectionName | `${SectionName}.${string}`;

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
  /** The command to run when a file is named instead of a command: `codexd FILE`. */
  fileCommand?: { name: string; isFile(word: string | undefined): boolean };
}

export interface CommandEntry {
  /** What the command does, in one sentence for the help. */
  summary: string;
  load(): Promise<Command | CommandGroup>;
}

export function command<const T extends Record<string, Arg>>(spec: {
  args?: T & NoNegations<T>;
  /** The settings the command reads, whose flags it therefore accepts. */
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
