// A command's terminal: results go to stdout, everything else to stderr.

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { onAbort } from '../base/abort.ts';
import type { Env } from '../config/env.ts';
import { childEnvironment } from '../system/child-environment.ts';
import { writeOutput } from './write-output.ts';

export interface Output {
  /** On stdout, throws a Failure if the text cannot be written. */
  write(text: string): void;
  isTty: boolean;
  /** Whether to use colours: true on a terminal unless NO_COLOR is set. */
  color: boolean;
  columns: number;
}

export interface Terminal {
  stdout: Output;
  stderr: Output;
  /** Everything piped or redirected into the command; undefined if stdin is a terminal, /dev/null or closed. */
  readStdin(): Promise<string | undefined>;
  /** The same as a stream of bytes. */
  openStdin(): ReadableStream<Uint8Array> | undefined;
  /** One line typed or pasted after `prompt` (shown on stderr); undefined at the end of input or when `signal` aborts. */
  readLine(prompt: string, signal?: AbortSignal): Promise<string | undefined>;
  /** False if there is no browser to open. */
  openBrowser(url: string): Promise<boolean>;
}

export function processTerminal(env: Env): Terminal {
  return {
    stdout: createOutput(1, env),
    stderr: createOutput(2, env),
    readStdin: async () => (hasPipedStdin() ? await Bun.stdin.text() : undefined),
    openStdin: () => (hasPipedStdin() ? Bun.stdin.stream() : undefined),
    readLine,
    openBrowser: (url) => openBrowser(url, env),
  };
}

/** Touches `process.stdout` only for the width of a terminal: opening it takes longer than all of `--help` (5 ms). */
function createOutput(fd: 1 | 2, env: Env): Output {
  const stream = () => (fd === 1 ? process.stdout : process.stderr);
  let known: boolean | undefined;
  const isTty = () => {
    known ??= isatty(fd);
    return known;
  };
  return {
    write: (text) => writeOutput(fd, text),
    get isTty() {
      return isTty();
    },
    get color() {
      return isTty() && !env.NO_COLOR && env.TERM !== 'dumb';
    },
    get columns() {
      // A terminal whose size was never set reports 0.
      return stream().columns || 80;
    },
  };
}

/** True for a pipe, a file or a socket; a terminal and /dev/null are character devices, and stdin may be closed. */
function hasPipedStdin(): boolean {
  try {
    return !fstatSync(0).isCharacterDevice();
  } catch {
    return false;
  }
}

async function readLine(prompt: string, signal?: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve) => {
      lines.once('close', () => resolve(undefined));
      // On a terminal readline intercepts Ctrl-C; this passes it on to the usual handler.
      lines.once('SIGINT', () => process.emit('SIGINT', 'SIGINT'));
      if (signal) onAbort(signal, () => resolve(undefined));
      if (!signal?.aborted) lines.question(prompt, resolve);
    });
  } finally {
    lines.close();
  }
}

async function openBrowser(url: string, env: Env): Promise<boolean> {
  const command = browserCommand(url, env, process.platform);
  if (!command || !Bun.which(command[0]!)) return false;
  const child = Bun.spawn(command, {
    env: childEnvironment(env, ['desktop', 'network']),
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  child.unref();
  return true;
}

/** Undefined without a display: xdg-open would start a text browser in this terminal. */
export function browserCommand(url: string, env: Env, platform: string): string[] | undefined {
  if (env.BROWSER) return [env.BROWSER, url];
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', url] : undefined;
}
