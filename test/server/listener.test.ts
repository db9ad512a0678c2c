// Where the daemon listens, and that it is never open to others by accident (docs/bun.md#serve).
import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.ts';
import {
  checkListeners,
  isPrivate,
  type Listener,
  listenerName,
  parseListener,
  removeStaleSocket,
} from '../../src/server/listener.ts';
import { testDaemon } from './support.ts';

const tcp = (host: string, port: number): Listener => ({ kind: 'tcp', host, port });

describe('an address', () => {
  const cases: [text: string, listener: Listener, isPrivate: boolean, name: string][] = [
    ['127.0.0.1:8787', tcp('127.0.0.1', 8787), true, '127.0.0.1:8787'],
    ['127.9.9.9:1', tcp('127.9.9.9', 1), true, '127.9.9.9:1'],
    ['localhost:0', tcp('localhost', 0), true, 'localhost:0'],
    ['[::1]:8787', tcp('::1', 8787), true, '[::1]:8787'],
    ['0.0.0.0:8787', tcp('0.0.0.0', 8787), false, '0.0.0.0:8787'],
    ['[::]:8787', tcp('::', 8787), false, '[::]:8787'],
    ['100.64.0.7:8787', tcp('100.64.0.7', 8787), false, '100.64.0.7:8787'],
    ['my-host:65535', tcp('my-host', 65535), false, 'my-host:65535'],
    ['127.0.0.1.evil.example:1', tcp('127.0.0.1.evil.example', 1), false, '127.0.0.1.evil.example:1'],
    ['unix:/run/codexd.sock', { kind: 'unix', path: '/run/codexd.sock' }, true, 'unix:/run/codexd.sock'],
  ];
  test.each(cases)('%s', (text, listener, isItPrivate, name) => {
    expect(parseListener(text)).toEqual(listener);
    expect(isPrivate(listener)).toBe(isItPrivate);
    expect(listenerName(listener)).toBe(name);
  });

  test.each([
    '',
    '8787',
    ':8787',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:99999',
    'host:12x',
    'unix:',
  ])('%p is not a listen address', (text) => {
    expect(() => parseListener(text)).toThrow(Failure);
  });
});

describe('beyond this machine only with a key', () => {
  const local = tcp('127.0.0.1', 8787);
  const open = tcp('0.0.0.0', 8787);

  test.each([
    ['loopback without a key', [local], false, false, true],
    ['a unix socket without a key', [{ kind: 'unix', path: '/x' } as Listener], false, false, true],
    ['open without a key', [open], false, false, false],
    ['one of several open without a key', [local, open], false, false, false],
    ['open with a key', [open], true, false, true],
    ['open without a key, spelled out', [open], false, true, true],
  ])('%s', (_, listeners, keyed, insecure, allowed) => {
    const act = () => checkListeners(listeners, keyed, insecure);
    if (allowed) expect(act).not.toThrow();
    else expect(act).toThrow('0.0.0.0:8787, and there is no API key.');
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

describe('a daemon listens by name and on IPv6', () => {
  test.each(['localhost:0', ...(hasIpv6 ? ['[::1]:0'] : [])])('%s', async (listen) => {
    await using daemon = testDaemon([], { listen: [listen] });
    const { port } = new URL(daemon.url);
    expect(daemon.url).toBe(`http://${listen.replace(/0$/, port)}`);
    expect((await daemon.fetch('/healthz')).status).toBe(200);
  });
});

describe('a unix socket that is already there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-socket-'));
  const path = join(folder, 's');
  afterEach(() => rmSync(path, { force: true }));

  /** Listens there and dies without cleaning up. */
  function leaveStale(): void {
    const script = `Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } }); process.kill(process.pid, 'SIGKILL');`;
    Bun.spawnSync([process.execPath, '-e', script]);
  }

  test('one left behind by a killed daemon is removed', async () => {
    leaveStale();
    expect(existsSync(path)).toBe(true);
    await removeStaleSocket(path);
    expect(existsSync(path)).toBe(false);
  });

  test('one that answers stays, and starting is refused', async () => {
    const server = Bun.listen({ unix: path, socket: { data() {} } });
    await expect(removeStaleSocket(path)).rejects.toMatchObject({
      kind: 'invalid_request',
      message: `Another process is already listening on ${path}.`,
    });
    expect(existsSync(path)).toBe(true);
    server.stop(true);
  });

  test('a file that is no socket is never deleted', async () => {
    writeFileSync(path, 'precious');
    await removeStaleSocket(path);
    expect(await Bun.file(path).text()).toBe('precious');
  });

  test('nothing there is nothing to do', async () => {
    await removeStaleSocket(path);
    await removeStaleSocket(join(folder, 'missing', 'folder'));
  });
});
