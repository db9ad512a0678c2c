import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { startDaemon } from '../clients/daemon.ts';
import { emptyHome, runCodexd } from './process.ts';

test('a daemon that responds is healthy, on a port and on a socket; no key is needed', async () => {
  const socket = `unix:${join(emptyHome(), 'codexd.sock')}`;
  const args = [
    '--demo',
    '--api-key',
    'a-key-made-for-this-test',
    '--listen',
    '127.0.0.1:0',
    '--listen',
    socket,
  ];
  await using daemon = await startDaemon({ args });
  const port = new URL(daemon.url).host;
  const { exitCode, out, err } = await runCodexd(['health'], { env: { CODEXD_LISTEN: `${port},${socket}` } });
  expect({ exitCode, out, err }).toEqual({
    exitCode: 0,
    out: `healthy: ${port}\nhealthy: ${socket}\n`,
    err: '',
  });
});

test('without a daemon, or with another server there, it is not healthy', async () => {
  const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => Response.json({ status: 'fine' }) });
  const listen = ['127.0.0.1:1', `127.0.0.1:${other.port}`];
  const { exitCode, out } = await runCodexd(['health', '--json', '--listen', listen.join(',')]);
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toEqual({
    daemons: listen.map((address) => ({ address, listening: false })),
  });
  await other.stop(true);
});
