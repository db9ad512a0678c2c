// `Bun.spawn` and `Bun.which` for Node: the parts that the speech engines use.
import { spawnSync as run, type StdioOptions, spawn as start } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { processEnv } from '../../config/env.ts';

export const stripANSI = stripVTControlCharacters;

/** The path of a program; null if there is none. */
export function which(name: string, { PATH = processEnv().PATH ?? '' } = {}): string | null {
  const candidates = /[\\/]/.test(name)
    ? [name]
    : PATH.split(delimiter).map((directory) => join(directory, name));
  const names =
    process.platform === 'win32' ? candidates.flatMap((path) => [path, `${path}.exe`]) : candidates;
  return names.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface SpawnOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  stdio?: StdioOptions;
  detached?: boolean;
  windowsHide?: boolean;
}

/** Throws like Bun, synchronously, if the program is missing or not executable. */
export function spawn([program = '', ...args]: string[], options: SpawnOptions) {
  accessSync(program, constants.X_OK);
  const child = start(program, args, options);
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  const web = (stream: Readable | null) =>
    stream === null ? null : (Readable.toWeb(stream) as ReadableStream<Uint8Array>);
  return {
    pid: child.pid ?? 0,
    stdout: web(child.stdout),
    stderr: web(child.stderr),
    exited,
    get exitCode() {
      return child.exitCode;
    },
  };
}

export function spawnSync([program = '', ...args]: string[], options: SpawnOptions = {}) {
  return run(program, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
}
