// Runs a program, of an engine or ffmpeg: an argument array in a process group of its own, bounded output,
// and nothing left behind: whoever waits for it goes on only after the whole group has ended.
import { Failure } from '../../failure.ts';

export interface Program {
  /** The program's path first. */
  argv: readonly string[];
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  /** In a group of its own it does not hear of the Ctrl-C that ends us, so it is ended then. */
  atExit: (act: () => void) => () => void;
}

export interface Running {
  pid: number;
  /** Settles when the program and its helpers are gone and everything they wrote is read; the exit code, if there is one. */
  ended: Promise<number | null>;
  /** The end of what it wrote to stderr. */
  stderr(): string;
  /** Asks it to end, and after a while makes it. */
  stop(): Promise<void>;
}

export interface Ran {
  stdout: Uint8Array;
  stderr: string;
  exitCode: number | null;
}

const stderrBytes = 64 * 1024;
export const outputBytes = 64 * 1024 ** 2;
const graceMs = 2_000;
/** What a timer of JavaScript can count. */
export const longestTimerMs = 2 ** 31 - 1;

/** Throws synchronously where the program is missing or no program. */
export function startProgram(program: Program, onStdout: (chunk: Uint8Array) => void): Running {
  const child = Bun.spawn([...program.argv], {
    cwd: program.directory,
    env: { ...program.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that helpers (ffmpeg, Python's workers) end with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let tail = Buffer.alloc(0);
  const readers = [
    readAll(child.stdout, onStdout),
    readAll(child.stderr, (chunk) => {
      tail = Buffer.concat([tail, chunk]).subarray(-stderrBytes);
    }),
  ];
  const kill = (signal: 'SIGTERM' | 'SIGKILL') => endGroup(child.pid, signal);
  const spared = program.atExit(() => kill('SIGKILL'));
  const ended = child.exited.then(async () => {
    kill('SIGKILL');
    // A helper that left the group may hold the pipes open.
    const timer = setTimeout(() => {
      for (const reader of readers) reader.cancel();
    }, graceMs);
    await Promise.all(readers.map((reader) => reader.done));
    clearTimeout(timer);
    spared();
    return child.exitCode;
  });
  return {
    pid: child.pid,
    ended,
    stderr: () => tail.toString('utf8'),
    stop: async () => {
      kill('SIGTERM');
      const timer = setTimeout(() => kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Bun.spawn throws at once where there is no such program, or nothing that can be run. */
export function isNoProgram(thrown: unknown): boolean {
  return ['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR'].includes(String((thrown as { code?: unknown }).code));
}

/** Runs it to its end. `timeoutMs` 0 is no limit. Throws the signal's reason, or `tooLong`. */
export async function runProgram(
  program: Program,
  limits: { signal: AbortSignal; timeoutMs: number; tooLong: () => Failure },
): Promise<Ran> {
  limits.signal.throwIfAborted();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let reason: unknown;
  const running = startProgram(program, (chunk) => {
    bytes += chunk.length;
    if (bytes <= outputBytes) chunks.push(chunk);
    else end(tooMuch());
  });
  const end = (why: unknown) => {
    if (reason !== undefined) return;
    reason = why;
    void running.stop();
  };
  const onAbort = () => end(limits.signal.reason);
  limits.signal.addEventListener('abort', onAbort, { once: true });
  const timer =
    limits.timeoutMs > 0
      ? setTimeout(() => end(limits.tooLong()), Math.min(limits.timeoutMs, longestTimerMs))
      : undefined;
  const exitCode = await running.ended;
  limits.signal.removeEventListener('abort', onAbort);
  clearTimeout(timer);
  if (reason !== undefined) throw reason;
  return { stdout: Buffer.concat(chunks), stderr: running.stderr(), exitCode };
}

function tooMuch(): Failure {
  return new Failure(
    'upstream_broke',
    `A program of speech wrote more than ${outputBytes / 1024 ** 2} MiB.`,
    {
      code: 'engine_failed',
      retry: false,
    },
  );
}

function readAll(stream: ReadableStream<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
  const reader = stream.getReader();
  const done = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) onChunk(read.value);
  })().catch(() => {}); // a broken pipe is the end as well
  return { done, cancel: () => void reader.cancel().catch(() => {}) };
}

/** Ends a program and its helpers. */
export function endGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (process.platform === 'win32') Bun.spawnSync(['taskkill', '/PID', String(pid), '/T', '/F']);
    else process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
