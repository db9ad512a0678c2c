// The process of a speech server, from a free port to its first answer.
import { createServer } from 'node:net';
import { complaint, engineUnavailable } from '../programs/complaint.ts';
import { type Program, type Running, startProgram } from '../programs/process.ts';

export interface ServerOptions {
  /** Of the engine, for messages. */
  engine: string;
  /** The program that listens on this port. */
  program: (port: number) => Promise<Program>;
  /** Where it then answers. */
  url: (port: number) => string;
  /** Whether it answers; never throws. */
  isUp: (url: string) => Promise<boolean>;
  /** Longest wait for it to answer. */
  startMs: number;
  /** What to do when it cannot be started. */
  fix: string;
  nowMs: () => number;
}

export interface Server {
  running: Running;
  url: string;
  directory: string;
  isGone: boolean;
  /** By us. */
  isStopped: boolean;
}

export const pollMs = 100;

export function spawnServer(program: Program, { engine, fix }: ServerOptions): Running {
  try {
    return startProgram(program, () => {});
  } catch {
    throw engineUnavailable(engine, 'its server cannot be started', fix);
  }
}

/** Throws where it ends or does not answer in time; nothing is left of it then. */
export async function untilUp(
  server: Server,
  { engine, isUp, startMs, nowMs }: ServerOptions,
): Promise<void> {
  const { running, url, directory } = server;
  const endMs = nowMs() + startMs;
  while (!(await isUp(url)) || server.isGone) {
    if (server.isGone) {
      const said = complaint(running.stderr(), [directory]);
      throw engineUnavailable(
        engine,
        `its server ended while it started${said && `: ${said}`}`,
        'Check its `start`.',
      );
    }
    if (nowMs() >= endMs) {
      await running.stop();
      throw engineUnavailable(
        engine,
        `its server did not answer at ${url} within ${startMs / 1000} seconds`,
        'Check its `start` and `url`.',
      );
    }
    await Promise.race([running.ended, Bun.sleep(pollMs)]);
  }
}

/** One that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
