// A service of the operating system, as data: its files, and the commands that install and control it.

import type { Failure } from '../../failure.ts';

/** What the plans depend on. */
export interface ServiceContext {
  /** The absolute path of the program and its first arguments, without `serve`. */
  program: readonly string[];
  /** Arguments after `serve`, such as `--profile work`. */
  serveArgs: readonly string[];
  /** `codexd`, or `codexd-PROFILE`. */
  name: string;
  homedir: string;
  /** The directory for settings, e.g. `~/.config`. */
  configDir: string;
  /** The directory for the log, if the system does not keep one. */
  stateDir: string;
  userId: number | undefined;
  userName: string;
}

export interface ServiceFile {
  path: string;
  text: string;
  /** The task scheduler reads UTF-16. */
  encoding?: 'utf16le';
  /** Only read by the commands of `install`, and removed after them. */
  isTemporary?: true;
}

/** A command without a shell. `mayFail`: its failure does not matter, e.g. if nothing is running that could be stopped. */
export interface Step {
  argv: readonly string[];
  mayFail?: true;
}

export interface ServiceState {
  isInstalled: boolean;
  isRunning: boolean;
  /** What the service manager says, e.g. `active (running)`. */
  detail: string;
  startsAutomatically: boolean | undefined;
  pid: number | undefined;
}

export interface ServicePlan {
  name: string;
  /** Names the service manager in messages. */
  manager: string;
  file: ServiceFile;
  /** Why it cannot be installed. */
  problem: Failure | undefined;
  install: readonly Step[];
  uninstall: readonly Step[];
  /** Run after the file has been removed. */
  afterRemoval: readonly Step[];
  state: { argv: readonly string[]; read(result: { exitCode: number; out: string }): ServiceState };
  logs(options: { lines: string; follow: boolean }): readonly string[];
  /** Sentences for the user after installing. */
  notes: readonly string[];
  /** What to do about an error message of the service manager. */
  adviceFor(error: string): string | undefined;
}

export const notInstalled: ServiceState = {
  isInstalled: false,
  isRunning: false,
  detail: 'not installed',
  startsAutomatically: undefined,
  pid: undefined,
};

/** For XML, e.g. a property list. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
