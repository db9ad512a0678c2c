// SIGHUP rereads the configuration (product.md 5).
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { emptyHome } from '../cli/process.ts';
import { startDaemon } from '../clients/daemon.ts';

test('SIGHUP: a new key counts at once; a configuration that is wrong changes nothing', async () => {
  const simulator = startSimulator();
  const home = emptyHome();
  const file = join(home, '.config/codexd/config.toml');
  mkdirSync(join(home, '.config/codexd'), { recursive: true });
  await using daemon = await startDaemon({ simulator, home });
  const status = async (headers = {}) => (await fetch(`${daemon.url}/v1/models`, { headers })).status;
  expect(await status()).toBe(200);

  writeFileSync(file, '[server]\napi_key = "a-key-made-for-this-test"\n');
  daemon.kill('SIGHUP');
  await daemon.says(/configuration was read again/);
  expect(await status()).toBe(401);
  expect(await status({ authorization: 'Bearer a-key-made-for-this-test' })).toBe(200);

  writeFileSync(file, '[server]\napi_kee = "x"\n');
  daemon.kill('SIGHUP');
  const [line] = await daemon.says(/configuration stays as it was.*/);
  expect(line).toContain('api_key');
  expect(await status()).toBe(401);
  await simulator.stop();
});
