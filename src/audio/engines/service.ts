// A speech server that codexd runs itself: started on first use, started again after a crash, ended when idle and at the end.

import { raceAbort } from '../../base/abort.ts';
import { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import type { Running } from '../programs/process.ts';
import { freePort, pollMs, type Server, type ServerOptions, spawnServer, untilUp } from './server.ts';

export interface ServiceOptions extends ServerOptions {
  recordServer: (pid: number) => () => void;
  /** 0: for ever. */
  idleMs: number;
  log: Log;
}

export interface Service {
  /** Runs `work` against the server, which it starts where need be. */
  use<T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T>;
  /** Starts the server; from now on it stays, however long it has nothing to do. */
  pin(): Promise<void>;
  /** Undefined while no server runs. */
  state(): ServiceState | undefined;
  /** Ends the server, and what it works on fails; the next job starts another one. */
  stop(): Promise<void>;
  /** The same for good. */
  close(): Promise<void>;
}

export interface ServiceState {
  isPinned: boolean;
  /** Under way. */
  jobs: number;
  /** When a job last began or ended. */
  usedAtMs: number;
}

export function createService(options: ServiceOptions): Service {
  const { engine, log, nowMs } = options;
  /** The server, or its start; undefined when there is none. */
  let current: Promise<Server> | undefined;
  /** The process from its first moment, for `stop`. */
  let child: Running | undefined;
  /** The last one's end: the next may want the same port. */
  let ending: Promise<void> | undefined;
  let jobs = 0;
  let usedAtMs = nowMs();
  let idle: ReturnType<typeof setTimeout> | undefined;
  let isPinned = false;
  let isClosed = false;

  const start = async (isWanted: () => boolean): Promise<Server> => {
    await ending;
    const port = await freePort();
    const program = await options.program(port);
    if (!isWanted()) throw ended(engine);
    const running = spawnServer(program, options);
    child = running;
    void running.ended.then(options.recordServer(running.pid));
    const { directory } = program;
    const live: Server = { running, url: options.url(port), directory, isGone: false, isStopped: false };
    void running.ended.then((exitCode) => {
      live.isGone = true;
      live.isStopped = child !== running;
      if (live.isStopped) return;
      child = undefined;
      current = undefined;
      log.warn('a speech server has ended', { engine, exitCode });
    });
    await untilUp(live, options).catch((thrown) => {
      throw live.isStopped ? ended(engine) : thrown;
    });
    log.info('speech server started', { engine });
    return live;
  };

  const live = (): Promise<Server> => {
    if (isClosed) throw ended(engine);
    if (current !== undefined) return current;
    const starting: Promise<Server> = start(() => current === starting);
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

  const startIdling = () => {
    if (options.idleMs === 0 || isPinned || isClosed) return;
    idle = setTimeout(() => {
      log.info('an idle speech server is ended', { engine });
      void stop();
    }, options.idleMs);
    idle.unref();
  };

  const work = async <T>(signal: AbortSignal, act: (url: string) => Promise<T>): Promise<T> => {
    const first = await raceAbort(live(), signal);
    try {
      return await act(first.url);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code !== 'engine_unreachable') throw thrown;
      await Promise.race([first.running.ended, Bun.sleep(pollMs)]);
      if (!first.isGone || signal.aborted) throw thrown;
      if (first.isStopped) throw ended(engine);
      // It crashed under the work, or just before: another one may do it.
      const second = await raceAbort(live(), signal);
      return await act(second.url);
    }
  };

  const use: Service['use'] = async (signal, act) => {
    jobs += 1;
    usedAtMs = nowMs();
    clearTimeout(idle);
    try {
      return await work(signal, act);
    } finally {
      jobs -= 1;
      usedAtMs = nowMs();
      if (jobs === 0) startIdling();
    }
  };

  return {
    use,
    pin() {
      isPinned = true;
      return use(new AbortController().signal, async () => {});
    },
    state: () => (child === undefined ? undefined : { isPinned, jobs, usedAtMs }),
    stop,
    async close() {
      isClosed = true;
      await stop();
    },
  };
}

function ended(engine: string): Failure {
  return new Failure('unavailable', `The server of the speech engine ${engine} was ended.`, {
    code: 'shutting_down',
  });
}
