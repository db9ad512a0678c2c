// A daemon in demo mode in this process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '../../src/apis/api.ts';
import { type Daemon, startDaemon } from '../../src/app/daemon.ts';
import { startDemo } from '../../src/app/demo.ts';
import type { Setup } from '../../src/app/setup.ts';
import type { Flags } from '../../src/config/load.ts';
import { load } from '../../src/config/load.ts';
import { KnownSecrets } from '../../src/log/redact.ts';
import { createLog } from '../../src/log.ts';

export interface Running extends AsyncDisposable {
  daemon: Daemon;
  url: string;
  /** The setup with different flags, for a reload. */
  setup(flags: Flags): Setup;
  log: string[];
}

export async function demoDaemon(apis?: readonly Api[]): Promise<Running> {
  const home = mkdtempSync(join(tmpdir(), 'codexd-app-'));
  const log: string[] = [];
  const demo = startDemo();
  const setup = (flags: Flags) => {
    const env = { XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, XDG_STATE_HOME: home };
    const listen = { listen: ['127.0.0.1:0'], ...flags };
    const { config, paths } = load({
      env,
      flags: listen,
      platform: 'linux',
      homedir: home,
      readFile: () => undefined,
    });
    const secrets = new KnownSecrets();
    return demo.apply({
      config,
      paths,
      log: createLog({ level: 'info', format: 'json', write: (line) => log.push(line) }),
      secrets,
      homedir: home,
      env,
      atExit: () => () => {},
    });
  };
  const daemon = await startDaemon(setup({}), apis);
  return {
    daemon,
    url: daemon.addresses[0] as string,
    setup,
    log,
    async [Symbol.asyncDispose]() {
      await daemon.stop(0);
      await demo.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
