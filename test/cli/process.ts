// codexd as users run it: a process with its own empty home directory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dir, '../../src/main.ts');
const homes = mkdtempSync(join(tmpdir(), 'codexd-homes-'));

/**
 * `bun test` ends without an `exit` event and leaves its children running. This shell's stdin ends with the test
 * process, however that ends; then it kills the remaining processes and removes the files.
 */
const sweeper = Bun.spawn(
  ['sh', '-c', 'read -r _; cat "$1"/*.pid | xargs kill -9; rm -rf "$1"', 'sh', homes],
  { stdin: 'pipe', stdout: 'ignore', stderr: 'ignore' },
);
sweeper.unref();

/** The command to start: the binary in CODEXD_BINARY, or else the source. */
export const codexdCommand: readonly string[] = process.env.CODEXD_BINARY
  ? [process.env.CODEXD_BINARY]
  : [process.execPath, main];

export interface ProcessOptions {
  home?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Written immediately, then closed; stdin is empty by default. */
  stdin?: string;
  /** stdin stays open, for `type`. */
  typing?: true;
}

export function emptyHome(): string {
  return mkdtempSync(join(homes, 'home-'));
}

export function spawnCodexd(argv: readonly string[], options: ProcessOptions = {}) {
  const child = Bun.spawn([...codexdCommand, ...argv], {
    env: { PATH: process.env.PATH ?? '', HOME: options.home ?? emptyHome(), ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: options.typing ? 'pipe' : options.stdin === undefined ? 'ignore' : new Blob([options.stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const pidFile = join(homes, `${child.pid}.pid`);
  writeFileSync(pidFile, `${child.pid}\n`);
  void child.exited.then(() => rmSync(pidFile, { force: true }));
  return child;
}

export async function runCodexd(argv: readonly string[], options: ProcessOptions = {}) {
  const running = startCodexd(argv, options);
  const exitCode = await running.exited;
  return { out: running.out(), err: running.err(), exitCode };
}

/** A running process, with its output so far. */
export interface RunningCodexd {
  pid: number;
  out(): string;
  err(): string;
  /** The match of `pattern` in its output, as soon as it is there; throws if the process ends without it. */
  says(stream: 'out' | 'err', pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code, once both streams have ended. */
  exited: Promise<number>;
  /** Writes to a stdin that was kept open. */
  type(text: string): void;
  kill(signal?: NodeJS.Signals): void;
}

export function startCodexd(argv: readonly string[], options: ProcessOptions = {}): RunningCodexd {
  const child = spawnCodexd(argv, options);
  const said = { out: '', err: '' };
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const collect = async (name: 'out' | 'err', stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      said[name] += decoder.decode(bytes, { stream: true });
      tell();
    }
  };
  let ended = false;
  const read = Promise.all([collect('out', child.stdout), collect('err', child.stderr)]);
  const exited = read
    .then(() => child.exited)
    .finally(() => {
      ended = true;
      tell();
    });
  return {
    pid: child.pid,
    out: () => said.out,
    err: () => said.err,
    says: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(said[stream]);
          if (match === null && !ended) return;
          listeners.delete(look);
          if (match !== null) resolve(match);
          else reject(new Error(`codexd ended without ${pattern}:\n${said.err}`));
        };
        listeners.add(look);
        look();
      }),
    exited,
    type(text) {
      if (typeof child.stdin !== 'object') throw new Error('stdin is not open');
      child.stdin.write(text);
      child.stdin.flush();
    },
    kill: (signal = 'SIGKILL') => child.kill(signal),
  };
}
