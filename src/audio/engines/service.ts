// A speech server that codexd runs itself: started on first use, started again after a crash, ended when idle and at the end.
import { createServer } from 'node:net';
import { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { complaint, engineUnavailable } from './complaint.ts';
import { type Program, type Running, startProgram } from './process.ts';
import { orAborted } from './waiting.ts';

export interface ServiceOptions {
  /** Of the engine, for messages. */
  engine: string;
  /** The program that listens on this port. */
  program: (port: number) => Promise<Program>;
  /** Where it then answers. */
  url: (port: number) => string;
  /** Whether it answers; never throws. */
  isUp: (url: string) => Promise<boolean>;
  /** 0: for ever. */
  idleMs: number;
  /** Longest wait for it to answer. */
  startMs: number;
  /** What to do when it cannot be started. */
  fix: string;
  log: Log;
  nowMs: () => number;
}

export interface Service {
  /** Runs `work` against the server, which it starts where need be. */
  use<T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T>;
  isRunning(): boolean;
  stop(): Promise<void>;
}

interface Live {
  running: Running;
  url: string;
  directory: string;
  isGone: boolean;
}

const pollMs = 100;

export function createService(options: ServiceOptions): Service {
  const { engine, log } = options;
  /** The server, or its start; undefined when there is none. */
  let current: Promise<Live> | undefined;
  /** The process from its first moment, for `stop`. */
  let child: Running | undefined;
  /** The last one's end: the next may want the same port. */
  let ending: Promise<void> | undefined;
  let busy = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const start = async (): Promise<Live> => {
    await ending;
    const port = await freePort();
    const program = await options.program(port);
    if (isClosed) throw closed(engine);
    const running = spawn(program, options);
    child = running;
    const live: Live = { running, url: options.url(port), directory: program.directory, isGone: false };
    void running.ended.then((exitCode) => {
      live.isGone = true;
      if (child !== running) return;
      child = undefined;
      current = undefined;
      log.warn('a speech server ended by itself', { engine, exitCode });
    });
    await untilUp(live, options);
    log.info('speech server started', { engine });
    return live;
  };

  const live = (): Promise<Live> => {
    if (isClosed) throw closed(engine);
    if (current !== undefined) return current;
    const starting = start();
    current = starting;
    starting.catch(() => {
      if (current === starting) current = undefined;
    });
    return starting;
  };

  const stop = async () => {
    clearTimeout(idle);
    if (child !== undefined) ending = child.stop();
    child = undefined;
    current = undefined;
    await ending;
  };

  return {
    async use(signal, work) {
      busy += 1;
      clearTimeout(idle);
      try {
        const first = await orAborted(live(), signal);
        try {
          return await work(first.url);
        } catch (thrown) {
          // It crashed under the work, or just before: another one may do it.
          if (!(thrown instanceof Failure) || thrown.code !== 'engine_unreachable') throw thrown;
          await Promise.race([first.running.ended, Bun.sleep(pollMs)]);
          if (!first.isGone || signal.aborted || isClosed) throw thrown;
          const second = await orAborted(live(), signal);
          return await work(second.url);
        }
      } finally {
        busy -= 1;
        if (busy === 0 && options.idleMs > 0 && !isClosed) {
          idle = setTimeout(() => {
            log.info('an idle speech server is ended', { engine });
            void stop();
          }, options.idleMs);
          idle.unref();
        }
      }
    },
    isRunning: () => child !== undefined,
    async stop() {
      isClosed = true;
      await stop();
    },
  };
}

function spawn(program: Program, { engine, fix }: ServiceOptions): Running {
  try {
    return startProgram(program, () => {});
  } catch {
    throw engineUnavailable(engine, 'its server cannot be started', fix);
  }
}

async function untilUp(live: Live, { engine, isUp, startMs, nowMs }: ServiceOptions): Promise<void> {
  const { running, url, directory } = live;
  const endMs = nowMs() + startMs;
  while (!(await isUp(url)) || live.isGone) {
    if (live.isGone) {
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

function closed(engine: string): Failure {
  return new Failure('unavailable', `The speech engine ${engine} is being ended.`, { code: 'shutting_down' });
}

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
