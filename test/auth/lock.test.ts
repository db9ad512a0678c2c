import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFlock } from '../../src/auth/flock.ts';
import { createLocks, type Locks } from '../../src/auth/lock.ts';
import { fakeClock, temporaryDirectory, testLocks } from './support.ts';

const waitMs = 2_000;
const withoutFlock = () =>
  createLocks({ platform: process.platform, now: Date.now, sleep: () => Bun.sleep(1), flock: null });

/** Starts a process that takes the lock, says so, and keeps it until its stdin ends. */
async function holder(path: string, kind: 'flock' | 'lock file') {
  const script = `
    import { createLocks } from ${JSON.stringify(join(import.meta.dir, '../../src/auth/lock.ts'))};
    const locks = createLocks({ platform: process.platform, now: Date.now, sleep: Bun.sleep${kind === 'flock' ? '' : ', flock: null'} });
    await locks.hold(${JSON.stringify(path)}, 1000, async () => {
      console.log('held');
      await Bun.stdin.text();
    });`;
  const child = Bun.spawn([process.execPath, '-e', script], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toBe('held\n');
  return child;
}

const kinds: ['flock' | 'lock file', () => Locks][] = [
  ['flock', testLocks],
  ['lock file', withoutFlock],
];

describe.each(kinds)('locks by %s', (kind, create) => {
  test('one holder at a time within a process, across several Locks objects', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await Bun.sleep(2);
      inside--;
    };
    const one = create();
    const other = create();
    await Promise.all([
      one.hold(path, waitMs, work),
      other.hold(path, waitMs, work),
      one.hold(path, waitMs, work),
    ]);
    expect(most).toBe(1);
  });

  test('waits for another process without blocking the event loop', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.lock');
    const child = await holder(path, kind);
    let done = false;
    const waiting = create()
      .hold(path, waitMs, async () => 'got it')
      .finally(() => {
        done = true;
      });
    await Bun.sleep(20);
    expect(done).toBe(false);
    child.stdin.end();
    expect(await waiting).toBe('got it');
    await child.exited;
  });

  test('killing the holder releases the lock', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.lock');
    const child = await holder(path, kind);
    child.kill('SIGKILL');
    await child.exited;
    expect(await create().hold(path, waitMs, async () => 'got it')).toBe('got it');
  });

  test('waiting times out with a Failure that names the file', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.lock');
    const clock = fakeClock(Date.now());
    const impatient = createLocks({
      platform: process.platform,
      now: clock.now,
      sleep: clock.sleep,
      ...(kind === 'flock' ? {} : { flock: null }),
    });
    await create().hold(path, waitMs, async () => {
      await expect(impatient.hold(path, 500, async () => {})).rejects.toMatchObject({
        code: 'login_locked',
        message: expect.stringContaining(path),
      });
    });
  });

  test('work that throws releases the lock', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.lock');
    const locks = create();
    await expect(locks.hold(path, waitMs, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await locks.hold(path, 0, async () => 1)).toBe(1);
  });
});

test("the lock file of flock is private and stays behind empty, like the Codex CLI's own", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'auth.json.lock');
  await testLocks().hold(path, waitMs, async () => {});
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('the system flock is found on Linux and macOS, and on no other platform', () => {
  if (process.platform === 'linux' || process.platform === 'darwin') {
    expect(loadFlock(process.platform)).toBeFunction();
  }
  expect(loadFlock('win32')).toBeUndefined();
});

const flock = Bun.which('flock');
test.if(flock !== null)("util-linux's flock sees the lock", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'auth.lock');
  const tryIt = () => Bun.spawnSync([flock!, '-n', path, 'true']).exitCode;
  await testLocks().hold(path, waitMs, async () => {
    expect(tryIt()).toBe(1);
  });
  expect(tryIt()).toBe(0);
});

test('a file system without flock gets a lock file, which is removed afterwards', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'auth.lock');
  const locks = createLocks({
    platform: process.platform,
    now: Date.now,
    sleep: () => Bun.sleep(1),
    flock: () => 'unsupported',
  });
  await locks.hold(path, waitMs, async () => {
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(String(process.pid));
  });
  expect(existsSync(`${path}.pid`)).toBe(false);
});

test('a lock file without a process ID is respected for ten seconds, then removed', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'auth.lock');
  writeFileSync(`${path}.pid`, '');
  const clock = fakeClock(Date.now());
  const startMs = clock.nowMs;
  const locks = createLocks({ platform: process.platform, now: clock.now, sleep: clock.sleep, flock: null });
  await locks.hold(path, 60_000, async () => {});
  expect(clock.nowMs - startMs).toBeGreaterThanOrEqual(9_900);
});
