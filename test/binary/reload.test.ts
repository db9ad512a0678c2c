// SIGHUP rereads the configuration.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { emptyHome, startCodexd } from '../cli/process.ts';
import { startDaemon } from '../clients/daemon.ts';

test('SIGHUP: a new key works immediately; an invalid configuration changes nothing', async () => {
  const simulator = startSimulator();
  const home = emptyHome();
  const file = join(home, '.config/codexd/config.toml');
  mkdirSync(join(home, '.config/codexd'), { recursive: true });
  await using daemon = await startDaemon({ simulator, home });
  const status = async (headers = {}) => (await fetch(`${daemon.url}/v1/models`, { headers })).status;
  expect(await status()).toBe(200);

  writeFileSync(file, '[server]\napi_key = "a-key-made-for-this-test"\n');
  daemon.kill('SIGHUP');
  await daemon.says(/configuration reloaded/);
  expect(await status()).toBe(401);
  expect(await status({ authorization: 'Bearer a-key-made-for-this-test' })).toBe(200);

  writeFileSync(file, '[server]\napi_kee = "x"\n');
  daemon.kill('SIGHUP');
  const [line] = await daemon.says(/configuration reload failed.*/);
  expect(line).toContain('api_key');
  expect(await status()).toBe(401);
  await simulator.stop();
});

describe('SIGHUP checks settings against the open sockets', () => {
  const key = 'a-key-made-for-this-test';
  const open = `listen = ["0.0.0.0:0"]\napi_key = "${key}"\n`;

  async function reread(settings: string, says: RegExp) {
    const simulator = startSimulator();
    const home = emptyHome();
    const file = join(home, '.config/codexd/config.toml');
    mkdirSync(join(home, '.config/codexd'), { recursive: true });
    writeFileSync(file, `[server]\n${open}`);
    const command = startCodexd(['serve', '--upstream', simulator.upstream, '--bearer', 'none'], { home });
    const [, port] = await command.says('err', /^listening on http:\/\/0\.0\.0\.0:(\d+)$/m);
    writeFileSync(file, `[server]\n${settings}`);
    command.kill('SIGHUP');
    const [line] = await command.says('err', says);
    const models = (headers = {}) => fetch(`http://127.0.0.1:${port}/v1/models`, { headers });
    const statuses = [
      (await models()).status,
      (await models({ authorization: `Bearer ${key}` })).status,
      (await models({ 'x-forwarded-for': '203.0.113.7' })).status,
    ];
    command.kill('SIGTERM');
    await command.exited;
    await simulator.stop();
    return { line, statuses, log: command.err() };
  }

  test('no key, and a `listen` on loopback: rejected, the key is still required', async () => {
    const { line, statuses, log } = await reread(
      'listen = ["127.0.0.1:0"]\n',
      /configuration reload failed.*/,
    );
    expect(line).toContain('Other machines can reach 0.0.0.0:0');
    expect(log).toMatch(/`server\.listen` takes effect after a restart.*0\.0\.0\.0:0/);
    expect(statuses).toEqual([401, 200, 401]);
  });

  test.each(['no_api_key = true\n', 'keys = []\n'])('%j: refused, too', async (more) => {
    const settings = `${more.startsWith('keys') ? 'listen = ["0.0.0.0:0"]\n' : open}${more}`;
    const { statuses } = await reread(settings, /configuration reload failed.*/);
    expect(statuses).toEqual([401, 200, 401]);
  });

  test('another `listen` with the key: other changes apply, and the log says what does not', async () => {
    const { log, statuses } = await reread(
      `listen = ["127.0.0.1:0"]\napi_key = "${key}"\n`,
      /configuration reloaded/,
    );
    expect(log).toContain('`server.listen` takes effect after a restart');
    expect(statuses).toEqual([401, 200, 401]);
  });
});
