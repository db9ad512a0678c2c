// Reports to the service manager that started the daemon: systemd's notification protocol,
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html.

import type { Datagrams } from './datagrams.ts';
import { reasonOf } from './errno.ts';

export interface ServiceManager {
  /**
   * The daemon accepts requests. `status` is one line for people. From now on, watchdog pings are sent if systemd
   * expects them.
   */
  ready(status: string): void;
  /** The configuration is being read again; `ready` follows. */
  reloading(): void;
  stopping(): void;
}

interface Options {
  env: Readonly<Record<string, string | undefined>>;
  pid: number;
  platform: string;
  warn: (message: string) => void;
}

const none: ServiceManager = { ready() {}, reloading() {}, stopping() {} };

/** Never throws: a daemon that cannot report still works, and warns once. */
export async function findServiceManager({ env, pid, platform, warn }: Options): Promise<ServiceManager> {
  const address = env.NOTIFY_SOCKET ?? '';
  if (platform !== 'linux' || !/^[@/]./.test(address)) return none;
  const report = (thrown: unknown) =>
    warn(`Cannot notify the service manager at ${address}: ${reasonOf(thrown)}.`);
  try {
    const { openDatagrams } = await import('./datagrams.ts');
    return createManager(openDatagrams(address), watchdogTimeout(env, pid), report);
  } catch (thrown) {
    report(thrown);
    return none;
  }
}

function createManager(
  datagrams: Datagrams,
  watchdogMs: number | undefined,
  report: (thrown: unknown) => void,
): ServiceManager {
  let hasFailed = false;
  let pings: NodeJS.Timeout | undefined;
  const notify = (assignments: () => string) => {
    try {
      datagrams.send(assignments());
    } catch (thrown) {
      if (!hasFailed) report(thrown);
      hasFailed = true;
    }
  };
  return {
    ready(status) {
      notify(() => `READY=1\nSTATUS=${status.replaceAll('\n', ' ')}\n`);
      if (watchdogMs === undefined || pings !== undefined) return;
      // Sent from the event loop that serves requests, so a hanging loop sends no pings. Does not keep the process
      // alive.
      pings = setInterval(() => notify(() => 'WATCHDOG=1\n'), watchdogMs / 2);
      pings.unref();
    },
    reloading: () => notify(() => `RELOADING=1\nMONOTONIC_USEC=${datagrams.monotonicMicroseconds()}\n`),
    stopping: () => notify(() => 'STOPPING=1\nSTATUS=Finishing running requests\n'),
  };
}

/** The watchdog's timeout; undefined if there is none. */
function watchdogTimeout({ WATCHDOG_USEC, WATCHDOG_PID }: Options['env'], pid: number): number | undefined {
  const ms = Number(WATCHDOG_USEC) / 1000;
  const isWatched = WATCHDOG_PID === undefined || WATCHDOG_PID === String(pid);
  return isWatched && ms > 0 && ms < 2 ** 31 ? ms : undefined;
}
