// The process context of a real command line: this process, its terminal and its files.
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { processEnv } from '../config/env.ts';
import { Failure } from '../failure.ts';
import { KnownSecrets } from '../log/redact.ts';
import { readTextFile } from '../system/bounded-file.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';
import type { ProcessContext } from './command.ts';
import { processTerminal } from './terminal.ts';

export function createProcessContext(): ProcessContext {
  restrictUmask();
  const env = processEnv();
  return {
    terminal: processTerminal(env),
    env,
    platform: process.platform,
    // Looked up on first use: `--help` works without a home directory.
    get homedir() {
      return homeDirectory();
    },
    secrets: new KnownSecrets(),
    readFile,
    onInterrupt: interrupts(),
    atExit: (act) => {
      process.on('exit', act);
      return () => process.off('exit', act);
    },
  };
}

/** Containers and init scripts may leave umask 000; codexd and its children must not create world-writable files. */
function restrictUmask(): void {
  const umask = process.umask();
  if ((umask & 0o002) === 0) process.umask(umask | 0o022);
}

/** A container may run as a user without an entry in the user database. */
function homeDirectory(): string {
  const advice = 'Set HOME to a directory that codexd may write to.';
  let home: string;
  try {
    home = homedir();
  } catch (cause) {
    throw new Failure(
      'forbidden',
      `Cannot find a home directory: HOME is not set, and user ${process.getuid?.()} has no entry in the user database.`,
      { code: 'no_home', advice, cause },
    );
  }
  if (!isAbsolute(home)) {
    throw new Failure('forbidden', `HOME is not an absolute path: "${home}".`, { code: 'no_home', advice });
  }
  return home;
}

function readFile(path: string): string | undefined {
  try {
    return readTextFile(path);
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('invalid_request', `Cannot read ${path}: ${reasonOf(thrown)}.`, {
      code: 'unreadable_file',
      advice: adviceOf(thrown, path),
      cause: thrown,
    });
  }
}

/** Ctrl-C exits with status 130, immediately unless the command has installed a listener to stop in order. */
function interrupts(): ProcessContext['onInterrupt'] {
  const exit = () => process.exit(130);
  let current = exit;
  const interrupt = () => {
    const listener = current;
    current = exit;
    listener();
  };
  process.on('SIGINT', interrupt);
  return (listener, also = []) => {
    current = listener as () => never;
    for (const signal of also) process.on(signal, interrupt);
  };
}
