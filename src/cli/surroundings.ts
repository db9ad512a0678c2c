// The real surroundings of a command: this process, its terminal and its files.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { processEnv } from '../config/env.ts';
import { Failure } from '../failure.ts';
import { KnownSecrets } from '../log/redact.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';
import type { Surroundings } from './command.ts';
import { processTerminal } from './terminal.ts';

export function processSurroundings(): Surroundings {
  const env = processEnv();
  return {
    terminal: processTerminal(env),
    env,
    platform: process.platform,
    homedir: homedir(),
    secrets: new KnownSecrets(),
    readFile,
    onInterrupt: interrupts(),
  };
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('invalid_request', `Cannot read ${path}: ${reasonOf(thrown)}.`, {
      code: 'unreadable_file',
      next: adviceOf(thrown, path),
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
