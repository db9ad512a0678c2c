// A client of the daemon as `codexd env` and `codexd run` see it: the settings it needs, which configuration file stores
// them, and how it is started with them.
import { posix, win32 } from 'node:path';
import type { Env } from '../../config/env.ts';
import type { Paths } from '../../config/paths.ts';
import type { Invocation } from '../command.ts';
import type { Daemon } from './daemon.ts';
import type { FileText } from './file-text.ts';

/** Environment variables, in the order they are printed. */
export type Variables = Readonly<Record<string, string>>;

/** What locates and reads the clients' files. */
export interface Machine {
  env: Env;
  platform: string;
  homedir: string;
  /** The Codex CLI's config.toml. */
  codexConfigFile: string;
  /** The file's text; undefined if there is no such file. */
  readFile(path: string): string | undefined;
}

export function machineOf(call: Invocation, { codexConfigFile }: Paths): Machine {
  return {
    env: call.env,
    platform: call.platform,
    homedir: call.homedir,
    codexConfigFile,
    readFile: (path) => call.readFile(path),
  };
}

export interface ClientFile {
  path(machine: Machine): string;
  /** The file's text with codexd added or updated. Throws a Failure if the file has a form that it cannot edit safely. */
  edit(file: FileText, daemon: Daemon, machine: Machine): string;
  /** By name, the values in the text that may be the user's own and that `edit` may replace. */
  userValues?(text: string): Readonly<Record<string, unknown>>;
  /** Whether `edit` writes the daemon's key into the file. */
  containsKey: boolean;
}

export interface Client {
  /** The client's name for itself. */
  title: string;
  /** Variables for the shell that starts it, or text for a file or a form. Only variables contain the key. */
  configuration(daemon: Daemon, machine: Machine): { variables: Variables } | { text: string };
  /** The file that `--write` edits, or a sentence that says why there is none. */
  file: ClientFile | string;
  /** What the user still has to do or should know, one sentence each. `written`: after `--write`. */
  notes(daemon: Daemon, machine: Machine, written: boolean): string[];
  /** How `codexd run` starts it, if it is started from a terminal. */
  launch?: Launch;
  /** For `--login`. */
  login?: Login;
  about: About;
}

/** The settings with which a client logs in to the daemon by itself, instead of sending a key. */
export interface Login {
  configuration(daemon: Daemon): { text: string };
  /** Of the client's file. */
  edit: ClientFile['edit'];
  notes: Client['notes'];
}

export interface Launch {
  /** Its name on PATH; undefined if the user names it, as with libraries. */
  program?: string;
  /** The command that installs it, or where to find it. */
  install: string;
  /** What makes it use the daemon. None of this changes the user's own configuration. */
  settings(context: LaunchContext): LaunchSettings;
  /** Where it stores settings and sessions. Omitted for programs that store nothing, or that cannot use another directory. */
  storage?: {
    /** The usual paths. If none of them exists, the client was never used on this machine. */
    paths(machine: Machine): readonly string[];
    /** The variables that make it use `directory` instead. */
    variables(directory: string): Variables;
  };
}

export interface LaunchContext {
  daemon: Daemon;
  machine: Machine;
  /** A private directory, deleted when the client ends. */
  directory: string;
  /** The user's own arguments for the client. */
  words: readonly string[];
}

export interface LaunchSettings {
  variables?: Variables;
  /** Come before the user's own arguments. */
  arguments?: readonly string[];
  /** Text by path relative to `directory`. */
  files?: Readonly<Record<string, string>>;
}

/** What users should know before they choose a client: its page in docs/clients and the README's table are made from it. */
export interface About {
  /** What `codexd env` prints; completes "prints …". */
  prints: string;
  /** The part of its file that `--write` edits, with the path on Linux. */
  edits?: string;
  /** The systems it exists for; all if omitted. */
  platforms?: readonly string[];
  /** What does not work, or works in another way, a sentence each. */
  limits: readonly string[];
  /** Public pages that the settings are from. */
  sources: readonly string[];
  /** The version that was run against the simulated upstream; undefined if the settings are from the documentation alone. */
  tried?: string;
}

/** The variable from which clients read the key if their file does not contain it; codexd reads it too. */
export const keyVariable = 'CODEXD_API_KEY';

export function keyNote(title: string): string {
  return `${title} reads the daemon's key from ${keyVariable}: export it in the shell that starts it.`;
}

export function inHome({ platform, homedir }: Machine, ...parts: string[]): string {
  return pathJoiner(platform)(homedir, ...parts);
}

/** Below $XDG_CONFIG_HOME, which is ignored unless it is an absolute path. */
export function inConfigHome(machine: Machine, ...parts: string[]): string {
  const { XDG_CONFIG_HOME: configHome } = machine.env;
  return configHome?.startsWith('/')
    ? posix.join(configHome, ...parts)
    : inHome(machine, '.config', ...parts);
}

export function pathJoiner(platform: string): (...parts: string[]) => string {
  return platform === 'win32' ? win32.join : posix.join;
}
