// A full disk loses no login: neither a code nor a refresh token is used up for tokens that cannot be saved.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createLoginSource } from '../../src/auth/source.ts';
import type { AuthFile } from '../../src/auth/store.ts';
import { login } from '../../src/cli/login.ts';
import { logout } from '../../src/cli/logout.ts';
import { KnownSecrets } from '../../src/log/redact.ts';
import { createLog } from '../../src/log.ts';
import { browse, fakeTerminal, world } from '../cli/login-support.ts';
import { mountSmallDisk, noSmallDisk } from '../system/small-disk.ts';
import { accessToken, fakeClock, fakeServer, refreshResponse, refreshToken, testLocks } from './support.ts';

const minuteMs = 60_000;

/** A login on a full disk, and a server that refreshes it. */
function fullDisk(lastsMs: number, freeBytes: number) {
  const disk = mountSmallDisk(256 * 1024);
  const clock = fakeClock();
  const path = join(disk.path, 'auth.json');
  const token = (n: number, ms: number) => accessToken({ expiresAtMs: clock.nowMs + ms, n });
  const auth: AuthFile = {
    auth_mode: 'chatgpt',
    tokens: { id_token: 'i', access_token: token(1, lastsMs), refresh_token: refreshToken(1) },
  };
  writeFileSync(path, JSON.stringify(auth));
  const server = fakeServer(() =>
    refreshResponse({ access_token: token(2, 60 * minuteMs), refresh_token: refreshToken(2) }),
  );
  const logged: string[] = [];
  const source = createLoginSource({
    authFile: path,
    ownFile: '',
    codexHomes: [],
    readonly: false,
    server,
    secrets: new KnownSecrets(),
    locks: testLocks(),
    now: clock.now,
    log: createLog({ level: 'debug', format: 'json', write: (line) => logged.push(line) }),
  });
  disk.fill(freeBytes);
  const saved = () => JSON.parse(readFileSync(path, 'utf8')) as AuthFile;
  return { disk, clock, server, source, logged, auth, saved, [Symbol.dispose]: () => disk[Symbol.dispose]() };
}

describe.skipIf(noSmallDisk !== undefined).each([0, 4096, 8192])('refresh with %p bytes free', (free) => {
  test('the refresh token is not used up, and the access token serves until it expires', async () => {
    using full = fullDisk(2 * minuteMs, free);
    const { accessToken } = await full.source.get();
    expect(accessToken).toBe(full.auth.tokens!.access_token!);
    expect(full.server.sent).toEqual([]);
    expect(full.saved()).toEqual(full.auth);
    expect(full.logged.join('')).toContain('no space left on device');
  });

  test('an expired login fails with advice until there is space again', async () => {
    using full = fullDisk(-minuteMs, free);
    await expect(full.source.get()).rejects.toMatchObject({
      code: 'login_unwritable',
      message: expect.stringContaining('no space left on device'),
      advice: 'Free some space on that disk and try again.',
    });
    await expect(full.source.forceRefresh()).rejects.toMatchObject({ code: 'login_unwritable' });
    expect(full.server.sent).toEqual([]);
    expect(full.saved()).toEqual(full.auth);
    full.disk.empty();
    full.clock.nowMs += minuteMs;
    await full.source.get();
    expect(full.saved().tokens?.refresh_token).toBe(refreshToken(2));
  });
});

describe.skipIf(noSmallDisk !== undefined)('on a full disk', () => {
  test.each(['browser', 'device'] as const)('login by %s does not use up the code', async (way) => {
    using disk = mountSmallDisk(256 * 1024);
    const opened: string[] = [];
    const terminal = fakeTerminal({ browse: async (url) => opened.push(url) > 0 });
    await using w = world(terminal);
    const ownFile = join(disk.path, 'codexd', 'auth.json');
    const deps = { ...w.deps, ownFile };
    disk.fill();
    const options = { method: way, browser: true, port: 0, json: false };
    await expect(login(options, deps)).rejects.toMatchObject({
      message: expect.stringContaining('no space left on device'),
      exitCode: 1,
    });
    expect(w.simulator.requests).toEqual([]);
    expect(opened).toEqual([]);
  });

  test('if the disk fills up during a login, the attempt fails but the code and the old login survive', async () => {
    using disk = mountSmallDisk(256 * 1024);
    const terminal = fakeTerminal({
      browse: async (url) => {
        disk.fill();
        void browse(url);
        return true;
      },
    });
    await using w = world(terminal);
    const ownFile = join(disk.path, 'auth.json');
    writeFileSync(ownFile, '{"old":true}');
    const options = { method: 'browser', browser: true, port: 0, json: false } as const;
    await expect(login(options, { ...w.deps, ownFile })).rejects.toMatchObject({ code: 'persist_failed' });
    expect(w.simulator.requests.filter(({ path }) => path === '/oauth/token')).toEqual([]);
    expect(readFileSync(ownFile, 'utf8')).toBe('{"old":true}');
  });

  test('logout works', async () => {
    using disk = mountSmallDisk(256 * 1024);
    const terminal = fakeTerminal();
    await using w = world(terminal);
    const ownFile = join(disk.path, 'codexd', 'auth.json');
    mkdirSync(dirname(ownFile));
    writeFileSync(ownFile, JSON.stringify({ tokens: { refresh_token: refreshToken(1) } }));
    disk.fill();
    await logout({ json: false }, { ...w.deps, ownFile });
    expect(terminal.out()).toBe('Logged out.\n');
    expect(() => readFileSync(ownFile)).toThrow('ENOENT');
  });
});

test('a login that cannot be deleted is not revoked on the server', async () => {
  await using w = world();
  w.put(w.deps.ownFile, { tokens: { refresh_token: refreshToken(1) } });
  // A directory where the lock should be.
  mkdirSync(join(dirname(w.deps.ownFile), 'auth.lock'));
  await expect(logout({ json: false }, w.deps)).rejects.toMatchObject({
    message: expect.stringContaining('Cannot delete the login in'),
  });
  expect(w.simulator.requests).toEqual([]);
});
