// A daemon made from a configuration, in this process: no command line, nothing printed.
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../../src/app/daemon.ts';
import { startDemo } from '../../src/app/demo.ts';
import type { Setup } from '../../src/app/setup.ts';
import type { Flags } from '../../src/config/load.ts';
import { load } from '../../src/config/load.ts';
import { KnownSecrets } from '../../src/log/redact.ts';
import { createLog } from '../../src/log.ts';

interface Running extends AsyncDisposable {
  daemon: Daemon;
  url: string;
  /** The setup with other flags, for a reload. */
  setup(flags: Flags): Setup;
  log: string[];
}

async function demoDaemon(): Promise<Running> {
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
  const daemon = await startDaemon(setup({}));
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

const ask = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi.' }] }),
    proxy: false,
  } as RequestInit);

test('it answers, and writes the access line through its log', async () => {
  await using running = await demoDaemon();
  const response = await ask(running.url);
  expect(response.status).toBe(200);
  await response.text();
  expect(running.daemon.login.ok).toBe(true);
  while (!running.log.some((line) => line.includes('"request"'))) await Bun.sleep(1);
});

test('it is given another configuration while it runs', async () => {
  await using running = await demoDaemon();
  running.daemon.reload(running.setup({ 'api-key': 'a-long-secret-key-1234' }));
  expect((await ask(running.url)).status).toBe(401);
  expect((await ask(running.url, { authorization: 'Bearer a-long-secret-key-1234' })).status).toBe(200);
});

test('a configuration that opens the login to others changes nothing', async () => {
  await using running = await demoDaemon();
  expect(() => running.daemon.reload(running.setup({ 'cors-origins': ['*'] }))).toThrow('API key');
  expect((await ask(running.url)).status).toBe(200);
});

test('stopping ends it', async () => {
  const running = await demoDaemon();
  await running[Symbol.asyncDispose]();
  expect(await ask(running.url).catch(() => 'refused')).toBe('refused');
});
