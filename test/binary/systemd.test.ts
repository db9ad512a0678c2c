// `codexd serve` under a service manager: notifications, the watchdog, credentials.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { startDaemon, turnsSent } from '../clients/daemon.ts';
import { noNotifySocket, openNotifySocket } from '../support/notify-socket.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';

describe.skipIf(noNotifySocket !== undefined)(
  `Type=notify${noNotifySocket ? `: ${noNotifySocket}` : ''}`,
  () => {
    test('ready when it listens, reloading on SIGHUP, pings for the watchdog, stopping on SIGTERM', async () => {
      await using socket = await openNotifySocket();
      const env = { NOTIFY_SOCKET: socket.address, WATCHDOG_USEC: '100000' };
      await using daemon = await startDaemon({ args: ['--demo'], env });
      await socket.receives(/^READY=1\n/);
      expect(socket.messages[0]).toBe(`READY=1\nSTATUS=listening on ${daemon.url}\n`);
      await socket.receives(/^WATCHDOG=1\n$/);

      daemon.kill('SIGHUP');
      await socket.receives(/^RELOADING=1\nMONOTONIC_USEC=\d+\n$/);
      const events = () => socket.messages.filter((message) => !message.startsWith('WATCHDOG'));
      await daemon.says(/configuration reloaded/);

      expect(await daemon.stop()).toBe(0);
      await socket.receives(/^STOPPING=1\n/);
      expect(events().map((message) => message.split('=')[0])).toEqual([
        ...['READY', 'RELOADING', 'READY', 'STOPPING'],
      ]);
    });

    test('a configuration that is rejected ends the reload all the same', async () => {
      await using socket = await openNotifySocket();
      const home = emptyHome();
      await using daemon = await startDaemon({
        args: ['--demo'],
        home,
        env: { NOTIFY_SOCKET: socket.address },
      });
      await socket.receives(/^READY=1\n/);
      mkdirSync(join(home, '.config/codexd'), { recursive: true });
      writeFileSync(join(home, '.config/codexd/config.toml'), '[server]\napi_kee = "x"\n');
      daemon.kill('SIGHUP');
      await until(() => socket.messages.length === 3);
      expect(socket.messages[1]).toStartWith('RELOADING=1\n');
      expect(socket.messages[2]).toStartWith('READY=1\n');
      expect(await daemon.stop()).toBe(0);
    });
  },
);

describe('LoadCredential', () => {
  const simulator = useSimulator();
  const key = 'a-key-made-for-this-test';
  const credentials = (files: Record<string, string>) => {
    const home = emptyHome();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text, { mode: 0o400 });
    return { home, env: { CREDENTIALS_DIRECTORY: home } };
  };
  const models = async (url: string, headers = {}) => (await fetch(`${url}/v1/models`, { headers })).status;

  test('an API key', async () => {
    const given = credentials({ 'server.api_key': `${key}\n` });
    await using daemon = await startDaemon({ args: ['--demo', '--listen', '0.0.0.0:0'], ...given });
    const url = daemon.url.replace('0.0.0.0', '127.0.0.1');
    expect(await models(url)).toBe(401);
    expect(await models(url, { authorization: `Bearer ${key}` })).toBe(200);
  });

  test('a login that has expired: its refreshed tokens are kept in the state directory', async () => {
    const expired = simulator.login({ expiresInS: -60 });
    const login = JSON.stringify({ tokens: expired });
    const given = credentials({ 'auth.auth_json': login });
    await using daemon = await startDaemon({ simulator, login: false, ...given });
    const body = JSON.stringify({ model: 'gpt-5.5', input: 'Hi.' });
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    expect((await fetch(`${daemon.url}/v1/responses`, init)).status).toBe(200);
    expect(turnsSent(simulator)[0]!.headers.authorization).not.toBe(`Bearer ${expired.access_token}`);
    const kept = readdirSync(join(given.home, '.local/state/codexd/default'));
    expect(kept.filter((name) => /^environment-\w+\.json$/.test(name))).toHaveLength(1);
    expect(readFileSync(join(given.home, 'auth.auth_json'), 'utf8')).toBe(login);
  });

  test('a login that is invalid is named by its path', async () => {
    const given = credentials({ 'auth.auth_json': '{}' });
    const { out } = await runCodexd(['status'], given);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`The login in ${given.home}/auth.auth_json`);
  });
});
