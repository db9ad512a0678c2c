// Starts the process of a speech server and waits until it responds.
import { createServer } from 'node:net';
import { engineUnavailable, errorExcerpt } from '../programs/failures.ts';
import { type Program, type RunningProgram, startProgram } from '../programs/process.ts';

export interface SpeechServerOptions {
  /** Engine id, for messages. */
  engine: string;
  /** The program to start, which must listen on `port`. */
  program: (port: number) => Promise<Program>;
  /** Base URL of the server on `port`. */
  url: (port: number) => string;
  /** Whether the server responds; never throws. */
  isUp: (url: string) => Promise<boolean>;
  /** How long to wait for the first response. */
  startMs: number;
  /** Advice if it cannot be started. */
  fix: string;
  nowMs: () => number;
}

export interface SpeechServer {
  running: RunningProgram;
  url: string;
  directory: string;
  hasExited: boolean;
  /** codexd stopped it. */
  isStopped: boolean;
}

export const pollMs = 100;

export function spawnServer(program: Program, { engine, fix }: SpeechServerOptions): RunningProgram {
  try {
    return startProgram(program, () => {});
  } catch {
    throw engineUnavailable(engine, 'its server cannot be started', fix);
  }
}

/** Throws if the server exits or does not respond in time; the process is gone by then. */
export async function waitUntilUp(
  server: SpeechServer,
  { engine, isUp, startMs, nowMs }: SpeechServerOptions,
): Promise<void> {
  const { running, url, directory } = server;
  const endMs = nowMs() + startMs;
  while (!(await isUp(url)) || server.hasExited) {
    if (server.hasExited) {
      const reason = errorExcerpt(running.stderr(), [directory]);
      throw engineUnavailable(
        engine,
        `its server exited while starting${reason && `: ${reason}`}`,
        'Check `start` in its config.toml table.',
      );
    }
    if (nowMs() >= endMs) {
      await running.stop();
      throw engineUnavailable(
        engine,
        `its server did not respond at ${url} within ${startMs / 1000} seconds`,
        'Check `start` and `url` in its config.toml table.',
      );
    }
    await Promise.race([running.exited, Bun.sleep(pollMs)]);
  }
}

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
