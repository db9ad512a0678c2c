// The terminal a command talks to: results on stdout, everything else on stderr.
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Env } from '../config/env.ts';
import { childEnvironment } from '../system/child-environment.ts';
import { writeOutput } from './write-output.ts';

export interface Output {
  /** Throws a Failure where a result cannot be written. */
  write(text: string): void;
  isTty: boolean;
  /** Whether colours may be used: a terminal, and no NO_COLOR. */
  color: boolean;
  columns: number;
}

export interface Terminal {
  stdout: Output;
  stderr: Output;
  /** Everything piped or redirected into the command; undefined when stdin is a terminal or nothing. */
  readStdin(): Promise<string | undefined>;
  /** The same as bytes, while they come. */
  openStdin(): ReadableStream<Uint8Array> | undefined;
  /** One line typed or pasted after `prompt` (shown on stderr); undefined at the end of input or when `signal` aborts. */
  readLine(prompt: string, signal?: AbortSignal): Promise<string | undefined>;
  /** False when there is no browser to open. */
  openBrowser(url: string): Promise<boolean>;
}

export function processTerminal(env: Env): Terminal {
  return {
    stdout: output(1, env),
    stderr: output(2, env),
    readStdin: async () => (stdinIsGiven() ? await Bun.stdin.text() : undefined),
    openStdin: () => (stdinIsGiven() ? Bun.stdin.stream() : undefined),
    readLine,
    openBrowser: (url) => openBrowser(url, env),
  };
}

/** `process.stdout` is opened only for the width of a terminal: that takes longer than all of `--help` (5 ms). */
function output(fd: 1 | 2, env: Env): Output {
  const stream = () => (fd === 1 ? process.stdout : process.stderr);
  return {
    write: (text) => writeOutput(fd, text),
    get isTty() {
      return isatty(fd);
    },
    get color() {
      return isatty(fd) && !env.NO_COLOR && env.TERM !== 'dumb';
    },
    get columns() {
      // Terminals that nobody told their size say 0.
      return stream().columns || 80;
    },
  };
}

/** A pipe, a file or a socket; a terminal and /dev/null are character devices, and stdin may be closed. */
function stdinIsGiven(): boolean {
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
      // On a terminal readline takes Ctrl-C for itself; it is as everywhere else.
      lines.once('SIGINT', () => process.emit('SIGINT', 'SIGINT'));
      signal?.addEventListener('abort', () => resolve(undefined), { once: true });
      if (signal?.aborted) resolve(undefined);
      else lines.question(prompt, resolve);
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

/** Undefined where xdg-open would find no graphical browser: it would start a text one in this terminal. */
export function browserCommand(url: string, env: Env, platform: string): string[] | undefined {
  if (env.BROWSER) return [env.BROWSER, url];
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', url] : undefined;
}
