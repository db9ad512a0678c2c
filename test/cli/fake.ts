// A command's process context without a process: a recording terminal, an environment, files in memory.
import type { Invocation, ProcessContext } from '../../src/cli/command.ts';
import { run } from '../../src/cli/run.ts';
import type { Env } from '../../src/config/env.ts';
import type { Flags } from '../../src/config/load.ts';
import { KnownSecrets } from '../../src/log/redact.ts';

export interface FakeOptions {
  env?: Env;
  /** Text by path; other paths do not exist. */
  files?: Record<string, string>;
  stdin?: string | ReadableStream<Uint8Array>;
  /** What is typed at a prompt; undefined is the end of input. */
  lines?: string[];
  isTty?: boolean;
  flags?: Flags;
  json?: boolean;
  platform?: string;
  homedir?: string;
}

export interface FakeContext extends Invocation {
  out(): string;
  err(): string;
  opened: string[];
  /** Presses Ctrl-C. */
  interrupt(): void;
}

export function fake(options: FakeOptions = {}): FakeContext {
  const { env = {}, files = {}, stdin, lines = [], isTty = false } = options;
  const written = { out: '', err: '' };
  const opened: string[] = [];
  let interrupt = () => {};
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTty,
    color: false,
    columns: 80,
  });
  const context: ProcessContext = {
    terminal: {
      stdout: output('out'),
      stderr: output('err'),
      readStdin: async () => (stdin instanceof ReadableStream ? new Response(stdin).text() : stdin),
      openStdin: () => (typeof stdin === 'string' ? new Blob([stdin]).stream() : stdin),
      readLine: async () => lines.shift(),
      openBrowser: async (url) => {
        opened.push(url);
        return true;
      },
    },
    env,
    platform: options.platform ?? 'linux',
    homedir: options.homedir ?? '/home/me',
    secrets: new KnownSecrets(),
    readFile: (path) => files[path],
    onInterrupt: (listener) => {
      interrupt = listener;
    },
    atExit: () => () => {},
  };
  return {
    ...context,
    json: options.json ?? false,
    profile: undefined,
    configFile: undefined,
    flags: options.flags ?? {},
    all: () => [],
    out: () => written.out,
    err: () => written.err,
    opened,
    interrupt: () => interrupt(),
  };
}

/** Runs the command line in this process. */
export async function codexd(argv: readonly string[], options: FakeOptions = {}) {
  const context = fake(options);
  const exitCode = await run(argv, context);
  return { exitCode, out: context.out(), err: context.err() };
}
