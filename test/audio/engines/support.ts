// Scripts that imitate the command lines of engines, and the engine that runs them.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngines } from '../../../src/audio/engines/create.ts';
import type { Engine, Job } from '../../../src/audio/engines/engine.ts';
import type { EngineContext, EngineOptions, EngineSettings } from '../../../src/audio/engines/settings.ts';
import type { Container } from '../../../src/audio/recording.ts';
import { silentLog } from '../../../src/log.ts';
import { matchesGlob } from '../../../src/models/glob.ts';

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'codexd-engines-'));
}

/** A program called `name` in `bin`, written in TypeScript for Bun: `args` are its arguments. */
export function standIn(bin: string, name: string, code: string): string {
  const path = join(bin, name);
  mkdirSync(bin, { recursive: true });
  writeFileSync(`${path}.ts`, `const args = process.argv.slice(2);\n${code}`);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${path}.ts' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

export function shell(bin: string, name: string, code: string): string {
  const path = join(bin, name);
  mkdirSync(bin, { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${code}\n`);
  chmodSync(path, 0o755);
  return path;
}

export interface ContextOptions {
  /** The only place to look for programs. */
  bin?: string;
  env?: Record<string, string>;
  options?: Partial<EngineOptions>;
  homedir?: string;
  platform?: string;
  nowMs?: () => number;
}

export function context({
  bin,
  env = {},
  homedir = '/nonexistent',
  platform = 'linux',
  nowMs = Date.now,
}: ContextOptions): EngineContext {
  return {
    fetch: (url, init) => fetch(url, init),
    env: { PATH: process.env.PATH!, ...env },
    platform,
    homedir,
    which: (name) => Bun.which(name, { PATH: bin ?? '/nonexistent' }),
    matchesGlob,
    log: silentLog,
    atExit: () => () => {},
    recordServer: () => () => {},
    nowMs,
  };
}

/** The engine's program gets all of `given.env`, unless the settings say otherwise. */
export function engineWith(table: EngineSettings, given: ContextOptions = {}): Engine {
  const settings = { passEnv: Object.keys(given.env ?? {}), ...table };
  const options = { workers: 1, engineTimeoutSeconds: 0, modelDirs: [], ...given.options };
  return createEngines([settings], options, context(given)).find(({ id }) => id === settings.id)!;
}

export function jobFor(
  engine: Engine,
  more: Partial<Job> & { container?: Container; durationS?: number } = {},
): Job {
  const { container = 'wav', durationS, ...rest } = more;
  const path = join(temporaryDirectory(), "-client's {name}.bin");
  writeFileSync(path, 'RIFFsound');
  return {
    recording: { path, container, bytes: 9, ...(durationS === undefined ? {} : { durationS }) },
    model: engine.defaultModel ?? '',
    task: 'transcribe',
    words: false,
    directory: temporaryDirectory(),
    signal: new AbortController().signal,
    ...rest,
  };
}

/** The arguments of a stand-in, which must write them to `$ARGS`. */
export const writesArguments = 'await Bun.write(process.env.ARGS!, JSON.stringify(args));';

export function readArguments(path: string): string[] {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Whether a process is running. A zombie does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const state = Bun.spawnSync(['ps', '-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .trim();
  return state !== '' && !state.startsWith('Z');
}

export async function failureOf(promise: Promise<unknown>) {
  return promise.then(
    () => undefined,
    ({ kind, code, param, status, message, advice, retry, retryAfterMs }) => ({
      ...{ kind, code, param, status, message, advice, retry, retryAfterMs },
    }),
  );
}
