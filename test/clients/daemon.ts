// A daemon in a separate process, with the test's simulated upstream.
import { afterAll, beforeAll, expect } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { type ClientOptions } from 'openai';
import type { RecordedRequest, Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts';
import { emptyHome, startCodexd } from '../cli/process.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';

export interface DaemonOptions {
  /** The upstream; without one, `args` configure it. */
  simulator?: Simulator;
  /** Additional flags of `codexd serve`; a `--listen` or login among them replaces the default one. */
  args?: string[];
  /** False for a daemon without a login. */
  login?: boolean;
  env?: Record<string, string>;
  home?: string;
}

export interface RunningDaemon {
  /** `http://127.0.0.1:PORT` or `unix:/path`. */
  url: string;
  home: string;
  pid: number;
  stdout(): string;
  stderr(): string;
  /** The match of `pattern` on stderr, as soon as it is there. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  exited: Promise<number>;
  kill(signal?: NodeJS.Signals): void;
  /** Stops it gracefully; resolves to its exit code. */
  stop(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Resolves when the daemon is listening. The caller must stop or dispose of it; it never outlives this process. */
export async function startDaemon(options: DaemonOptions = {}): Promise<RunningDaemon> {
  const home = options.home ?? emptyHome();
  const readyFile = join(home, `ready-${crypto.randomUUID()}`);
  const child = startCodexd(['serve', '--ready-file', readyFile, ...flagsOf(options)], {
    home,
    env: options.env ?? {},
  });
  const [, url] = await child.says('err', /^listening on (\S+)$/m);
  await until(() => existsSync(readyFile));
  if (!readFileSync(readyFile, 'utf8').includes(url!)) throw new Error(`${readyFile} does not name ${url}`);
  return {
    url: url!,
    home,
    pid: child.pid,
    stdout: child.out,
    stderr: child.err,
    says: (pattern) => child.says('err', pattern),
    exited: child.exited,
    kill: child.kill,
    stop() {
      child.kill('SIGTERM');
      return child.exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

function flagsOf({ simulator, args = [], login = true }: DaemonOptions): string[] {
  const given = (...names: string[]) => names.some((name) => args.includes(name));
  return [
    ...(given('--listen') ? [] : ['--listen', '127.0.0.1:0']),
    ...(simulator === undefined ? [] : ['--upstream', simulator.upstream, '--issuer', simulator.issuer]),
    ...(simulator === undefined || !login || given('--bearer', '--auth-file')
      ? []
      : ['--bearer', simulator.login().access_token]),
    ...args,
  ];
}

/**
 * A daemon and its upstream for all tests of a file. Each test starts with no recorded requests and must use up its
 * script.
 */
export interface World {
  simulator: Simulator;
  readonly daemon: RunningDaemon;
  readonly client: OpenAI;
}

export function useWorld(
  options: Omit<DaemonOptions, 'simulator'> & { simulator?: SimulatorOptions } = {},
): World {
  let daemon: RunningDaemon;
  let client: OpenAI;
  afterAll(async () => {
    expect(await daemon.stop()).toBe(0);
  });
  const simulator = useSimulator(options.simulator);
  beforeAll(async () => {
    daemon = await startDaemon({ ...options, simulator });
    client = clientOf(daemon);
  });
  return {
    simulator,
    get daemon() {
      return daemon;
    },
    get client() {
      return client;
    },
  };
}

/** The official client for the daemon, without retries unless requested. */
export function clientOf({ url }: { url: string }, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'anything', maxRetries: 0, ...options });
}

export function isTurn({ path, method }: RecordedRequest): boolean {
  return method === 'POST' && path === '/backend-api/codex/responses';
}

/** A turn as the upstream received it. */
export interface SentTurn {
  headers: Record<string, string>;
  body: Record<string, unknown> & { input: Record<string, unknown>[] };
}

export function turnsSent({ requests }: Simulator): SentTurn[] {
  return requests.filter(isTurn) as unknown as SentTurn[];
}

/** A turn of test/fixtures as a line of the script. */
export function fixture(name: string): { fixture: string } {
  return { fixture: join(import.meta.dir, '../fixtures/turns', `${name}.sse`) };
}

export async function thrownBy(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}
