// Runs a program (an engine or ffmpeg) from an argument array, in a process group of its own and with bounded output. Promises
// settle only after the whole group has exited.
import { onAbort } from '../../base/abort.ts';
import { Failure } from '../../failure.ts';

export interface Program {
  /** The first item is the program's path. */
  argv: readonly string[];
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Registers a function for when codexd exits: a process group of its own does not receive codexd's Ctrl-C. */
  atExit: (act: () => void) => () => void;
}

export interface RunningProgram {
  pid: number;
  /** The exit code, if there is one. Settles once the program and its helpers are gone and their output has been read. */
  exited: Promise<number | null>;
  /** The last 64 KiB of stderr. */
  stderr(): string;
  /** Sends SIGTERM, and SIGKILL two seconds later. */
  stop(): Promise<void>;
}

export interface ProgramResult {
  stdout: Uint8Array;
  stderr: string;
  exitCode: number | null;
}

const stderrBytes = 64 * 1024;
export const outputBytes = 64 * 1024 ** 2;
const gracePeriodMs = 2_000;
/** The longest delay of a JavaScript timer. */
export const longestTimerMs = 2 ** 31 - 1;

/** Throws synchronously if the program is missing or not executable. */
export function startProgram(program: Program, onStdout: (chunk: Uint8Array) => void): RunningProgram {
  const child = Bun.spawn([...program.argv], {
    cwd: program.directory,
    env: { ...program.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that helpers (ffmpeg, Python's workers) are stopped with it.
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
  const kill = (signal: 'SIGTERM' | 'SIGKILL') => signalGroup(child.pid, signal);
  const unregister = program.atExit(() => kill('SIGKILL'));
  const exited = child.exited.then(async () => {
    kill('SIGKILL');
    // A helper that left the group may keep the pipes open.
    const timer = setTimeout(() => {
      for (const reader of readers) reader.cancel();
    }, gracePeriodMs);
    await Promise.all(readers.map((reader) => reader.done));
    clearTimeout(timer);
    unregister();
    return child.exitCode;
  });
  return {
    pid: child.pid,
    exited,
    stderr: () => tail.toString('utf8'),
    stop: async () => {
      kill('SIGTERM');
      const timer = setTimeout(() => kill('SIGKILL'), gracePeriodMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Whether Bun.spawn threw because the program is missing or not executable. */
export function isMissingProgram(thrown: unknown): boolean {
  return ['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR'].includes(String((thrown as { code?: unknown }).code));
}

/** Runs a program until it exits. `timeoutMs` 0 means no limit. Throws the signal's reason, or the failure from `tooLong`. */
export async function runProgram(
  program: Program,
  limits: { signal: AbortSignal; timeoutMs: number; tooLong: () => Failure },
): Promise<ProgramResult> {
  limits.signal.throwIfAborted();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let reason: unknown;
  const running = startProgram(program, (chunk) => {
    bytes += chunk.length;
    if (bytes <= outputBytes) chunks.push(chunk);
    else end(outputTooLarge());
  });
  const end = (why: unknown) => {
    if (reason !== undefined) return;
    reason = why;
    void running.stop();
  };
  const stopListening = onAbort(limits.signal, () => end(limits.signal.reason));
  const timer =
    limits.timeoutMs > 0
      ? setTimeout(() => end(limits.tooLong()), Math.min(limits.timeoutMs, longestTimerMs))
      : undefined;
  const exitCode = await running.exited;
  stopListening();
  clearTimeout(timer);
  if (reason !== undefined) throw reason;
  return { stdout: Buffer.concat(chunks), stderr: running.stderr(), exitCode };
}

function outputTooLarge(): Failure {
  return new Failure(
    'upstream_broke',
    `A speech program wrote more than ${outputBytes / 1024 ** 2} MiB of output.`,
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
  })().catch(() => {}); // a broken pipe counts as the end
  return { done, cancel: () => void reader.cancel().catch(() => {}) };
}

/** Signals a program and its helpers. On Windows it always kills them. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (process.platform === 'win32') Bun.spawnSync(['taskkill', '/PID', String(pid), '/T', '/F']);
    else process.kill(-pid, signal);
  } catch {
    // The group has already exited.
  }
}
