// The daemon's side of sd_notify(3), against a socket that the test opens.
import { describe, expect, test } from 'bun:test';
import { findServiceManager } from '../../src/system/service-manager.ts';
import { noNotifySocket, openNotifySocket } from '../support/notify-socket.ts';
import { until } from '../support/until.ts';

const pid = 4711;

async function managerFor(env: Record<string, string>, platform = 'linux') {
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  return { manager: await findServiceManager({ env, pid, platform, warn }), warnings };
}

describe.skipIf(noNotifySocket !== undefined)(
  `sd_notify${noNotifySocket ? `: ${noNotifySocket}` : ''}`,
  () => {
    test.each(['path', 'abstract'] as const)(
      'reports start, reload and stop to a socket (%s)',
      async (kind) => {
        await using socket = await openNotifySocket(kind);
        const { manager, warnings } = await managerFor({ NOTIFY_SOCKET: socket.address });
        manager.ready('listening on\nhttp://127.0.0.1:1');
        manager.reloading();
        manager.stopping();
        await socket.receives(/STOPPING=1/);
        const [ready, reloading, stopping] = socket.messages;
        expect(ready).toBe('READY=1\nSTATUS=listening on http://127.0.0.1:1\n');
        expect(stopping).toContain('STOPPING=1\n');
        expect(warnings).toEqual([]);

        const [, at] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\n$/.exec(reloading!)!;
        const python = 'import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)';
        const now = Number(Bun.spawnSync(['python3', '-c', python]).stdout.toString());
        expect(now - Number(at)).toBeWithin(0, 60e6);
      },
    );

    const watched: [string, Record<string, string>, boolean][] = [
      ['of this process', { WATCHDOG_USEC: '20000', WATCHDOG_PID: String(pid) }, true],
      ['of whichever process', { WATCHDOG_USEC: '20000' }, true],
      ['of another process', { WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }, false],
      ['with an invalid time', { WATCHDOG_USEC: 'soon' }, false],
      ['that is off', { WATCHDOG_USEC: '0' }, false],
    ];
    test.each(watched)(
      'a watchdog %s, %j, is answered once the daemon is ready: %p',
      async (_, env, answered) => {
        await using socket = await openNotifySocket();
        const { manager } = await managerFor({ NOTIFY_SOCKET: socket.address, ...env });
        manager.ready('first');
        const pings = () => socket.messages.filter((message) => message === 'WATCHDOG=1\n').length;
        if (answered) await until(() => pings() >= 3);
        manager.ready('second');
        await socket.receives(/second/);
        expect(pings() > 0).toBe(answered);
      },
    );

    test('a socket that nobody reads does not block the daemon', async () => {
      await using socket = await openNotifySocket();
      const { manager, warnings } = await managerFor({ NOTIFY_SOCKET: socket.address });
      socket.pause();
      for (let i = 0; i < 5000; i++) manager.ready(`${i}`);
      expect(warnings).toEqual([
        `Cannot notify the service manager at ${socket.address}: resource temporarily unavailable.`,
      ]);
    });
  },
);

test('without a service manager nothing is sent', async () => {
  for (const env of [{}, { NOTIFY_SOCKET: '' }, { NOTIFY_SOCKET: 'vsock:2:1234' }] as Record<
    string,
    string
  >[]) {
    const { manager, warnings } = await managerFor(env);
    manager.ready('x');
    manager.stopping();
    expect(warnings).toEqual([]);
  }
});

test.skipIf(process.platform !== 'linux')(
  'an unusable socket is reported once, and never throws',
  async () => {
    const address = '/nonexistent/notify';
    const { manager, warnings } = await managerFor({ NOTIFY_SOCKET: address });
    manager.ready('x');
    manager.stopping();
    expect(warnings).toEqual([`Cannot notify the service manager at ${address}: no such file or directory.`]);

    const tooLong = await managerFor({ NOTIFY_SOCKET: `/${'x'.repeat(200)}` });
    tooLong.manager.ready('x');
    expect(tooLong.warnings).toHaveLength(1);
  },
);

test('other systems do not use the variable', async () => {
  const { manager, warnings } = await managerFor({ NOTIFY_SOCKET: '/nonexistent/notify' }, 'darwin');
  manager.ready('x');
  expect(warnings).toEqual([]);
});
