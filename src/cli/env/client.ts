// A client of the daemon as `codexd env` sees it: the settings it needs, and which configuration file stores them.
import { posix, win32 } from 'node:path';
import type { Env } from '../../config/env.ts';
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
