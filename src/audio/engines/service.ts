// A speech server that codexd runs itself: started on first use, restarted after a crash, stopped when idle and at shutdown.

import { raceAbort } from '../../base/abort.ts';
import { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import type { RunningProgram } from '../programs/process.ts';
import {
  findFreePort,
  pollMs,
  type SpeechServer,
  type SpeechServerOptions,
  spawnServer,
  waitUntilUp,
} from './server.ts';

export interface ServiceOptions extends SpeechServerOptions {
  recordServer: (pid: number) => () => void;
  /** Stops the server after this idle time; 0 for never. */
  idleMs: number;
  log: Log;
}

export interface Service {
  /** Runs `work` against the server, starting it if necessary. */
  use<T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T>;
  /** Starts the server and exempts it from the idle timeout. */
  pin(): Promise<void>;
  /** Undefined while no server is running. */
  state(): ServiceState | undefined;
  /** Stops the server; running jobs fail. The next job starts it again. */
  stop(): Promise<void>;
  /** Stops the server and rejects further jobs. */
  close(): Promise<void>;
}

export interface ServiceState {
  isPinned: boolean;
  activeJobs: number;
  /** When a job last started or finished. */
  lastUsedAtMs: number;
}

export function createService(options: ServiceOptions): Service {
  const { engine, log, nowMs } = options;
  /** The running or starting server; undefined if there is none. */
  let current: Promise<SpeechServer> | undefined;
  /** The process, also while the server is starting, for `stop`. */
  let child: RunningProgram | undefined;
  /** Settles when the previous server has exited: the next may use the same port. */
  let exiting: Promise<void> | undefined;
  let activeJobs = 0;
  let lastUsedAtMs = nowMs();
  let idle: ReturnType<typeof setTimeout> | undefined;
  let isPinned = false;
  let isClosed = false;

  const start = async (isStillWanted: () => boolean): Promise<SpeechServer> => {
    await exiting;
    const port = await findFreePort();
    const program = await options.program(port);
    if (!isStillWanted()) throw stoppedFailure(engine);
    const running = spawnServer(program, options);
    child = running;
    void running.exited.then(options.recordServer(running.pid));
    const { directory } = program;
    const live: SpeechServer = {
      running,
      url: options.url(port),
      directory,
      hasExited: false,
      isStopped: false,
    };
    void running.exited.then((exitCode) => {
      live.hasExited = true;
      live.isStopped = child !== running;
      if (live.isStopped) return;
      child = undefined;
      current = undefined;
      log.warn('speech server exited', { engine, exitCode });
    });
    await waitUntilUp(live, options).catch((thrown) => {
      throw live.isStopped ? stoppedFailure(engine) : thrown;
    });
    log.info('speech server started', { engine });
    return live;
  };

  const ensureServer = (): Promise<SpeechServer> => {
    if (isClosed) throw stoppedFailure(engine);
    if (current !== undefined) return current;
    const starting: Promise<SpeechServer> = start(() => current === starting);
    current = starting;
    starting.catch(() => {
      if (current === starting) current = undefined;
    });
    return starting;
  };

  const stop = async () => {
    clearTimeout(idle);
    if (child !== undefined) exiting = child.stop();
    child = undefined;
    current = undefined;
    await exiting;
  };

  const startIdling = () => {
    if (options.idleMs === 0 || isPinned || isClosed) return;
    idle = setTimeout(() => {
      log.info('stopping idle speech server', { engine });
      void stop();
    }, options.idleMs);
    idle.unref();
  };

  const runWithRetry = async <T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T> => {
    const first = await raceAbort(ensureServer(), signal);
    try {
      return await work(first.url);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code !== 'engine_unreachable') throw thrown;
      await Promise.race([first.running.exited, Bun.sleep(pollMs)]);
      if (!first.hasExited || signal.aborted) throw thrown;
      if (first.isStopped) throw stoppedFailure(engine);
      // The server crashed during the work or just before: retry once with a new one.
      const second = await raceAbort(ensureServer(), signal);
      return await work(second.url);
    }
  };

  const use: Service['use'] = async (signal, work) => {
    activeJobs += 1;
    lastUsedAtMs = nowMs();
    clearTimeout(idle);
    try {
      return await runWithRetry(signal, work);
    } finally {
      activeJobs -= 1;
      lastUsedAtMs = nowMs();
      if (activeJobs === 0) startIdling();
    }
  };

  return {
    use,
    pin() {
      isPinned = true;
      return use(new AbortController().signal, async () => {});
    },
    state: () => (child === undefined ? undefined : { isPinned, activeJobs, lastUsedAtMs }),
    stop,
    async close() {
      isClosed = true;
      await stop();
    },
  };
}

function stoppedFailure(engine: string): Failure {
  return new Failure('unavailable', `Speech engine ${engine}'s server was stopped.`, {
    code: 'shutting_down',
  });
}
