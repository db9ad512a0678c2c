// What a client of the daemon is to `codexd env`: what it is told, and which file of its own can tell it.
import { posix, win32 } from 'node:path';
import type { Env } from '../../config/env.ts';
import type { Daemon } from './daemon.ts';
import type { FileText } from './file-text.ts';

/** In the order they are printed. */
export type Variables = Readonly<Record<string, string>>;

/** Where the files of clients lie. */
export interface Place {
  env: Env;
  platform: string;
  homedir: string;
  /** The Codex CLI's, which codexd reads too. */
  codexConfigFile: string;
  /** The file's text, undefined when there is no such file. */
  readFile(path: string): string | undefined;
}

export interface ClientFile {
  path(place: Place): string;
  /** The file's text with codexd in it. Throws a Failure rather than guess at a form it does not know. */
  edit(file: FileText, daemon: Daemon, place: Place): string;
  /** Values in the text that may be the user's own and that `edit` may replace, by name. */
  shared?(text: string): Readonly<Record<string, unknown>>;
  /** Whether the daemon's key is written into it. */
  holdsKey: boolean;
}

export interface Client {
  /** As it calls itself. */
  title: string;
  /** Variables for the shell that starts it, or text for a file or a form. The key stands in variables only. */
  shown(daemon: Daemon, place: Place): { variables: Variables } | { text: string };
  /** What `--write` edits, or the sentence why it edits nothing. */
  file: ClientFile | string;
  /** What is left to do or to know, a sentence each. `written`: `--write` has just been done. */
  notes(daemon: Daemon, place: Place, written: boolean): string[];
}

/** The variable from which clients take the key when it does not stand in their file; codexd reads it too. */
export const keyVariable = 'CODEXD_API_KEY';

export function readsKey(title: string): string {
  return `${title} reads the daemon's key from ${keyVariable}: export it in the shell that starts it.`;
}

export function inHome({ platform, homedir }: Place, ...parts: string[]): string {
  return joining(platform)(homedir, ...parts);
}

/** Below $XDG_CONFIG_HOME, which counts only when it is an absolute path. */
export function inConfigHome(place: Place, ...parts: string[]): string {
  const { XDG_CONFIG_HOME: given } = place.env;
  return given?.startsWith('/') ? posix.join(given, ...parts) : inHome(place, '.config', ...parts);
}

export function joining(platform: string): (...parts: string[]) => string {
  return platform === 'win32' ? win32.join : posix.join;
}
