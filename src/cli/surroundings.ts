// The real surroundings of a command: this process, its terminal and its files.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { processEnv } from '../config/env.ts';
import { Failure } from '../failure.ts';
import { KnownSecrets } from '../log/redact.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';
import type { Surroundings } from './command.ts';
import { processTerminal } from './terminal.ts';

export function processSurroundings(): Surroundings {
  restrictUmask();
  const env = processEnv();
  return {
    terminal: processTerminal(env),
    env,
    platform: process.platform,
    // Found when somebody needs it: `--help` works without one.
    get homedir() {
      return homeDirectory();
    },
    secrets: new KnownSecrets(),
    readFile,
    onInterrupt: interrupts(),
  };
}

/** Containers and init scripts leave 000; nothing that codexd or its children create is for everybody to write. */
function restrictUmask(): void {
  const umask = process.umask();
  if ((umask & 0o002) === 0) process.umask(umask | 0o022);
}

/** A container may run as a user that the system does not know. */
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
    return readFileSync(path, 'utf8');
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

/** Ctrl-C ends with status 130, at once unless a command wants to end by itself. */
function interrupts(): Surroundings['onInterrupt'] {
  const end = () => process.exit(130);
  let current = end;
  const interrupt = () => {
    const listener = current;
    current = end;
    listener();
  };
  process.on('SIGINT', interrupt);
  return (listener, also = []) => {
    current = listener as () => never;
    for (const signal of also) process.on(signal, interrupt);
  };
}
