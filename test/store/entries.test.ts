// The behaviour of every store of entries, and what differs between them.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import type { Entries, EntryLimits } from '../../src/store/entries.ts';
import { MemoryEntries } from '../../src/store/memory.ts';
import { RedisEntries } from '../../src/store/redis.ts';
import { SqliteEntries } from '../../src/store/sqlite.ts';
import { installedRedis, type RunningRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const directory = mkdtempSync(join(tmpdir(), 'codexd-entries-'));
afterAll(() => rmSync(directory, { recursive: true }));

const roomy: EntryLimits = { ttlMs: 60_000, entries: 1000, bytes: 1_000_000 };
let files = 0;
const newPath = () => join(directory, `${++files}`, 'responses.sqlite');
const logLines: string[] = [];
const log = createLog({ level: 'info', format: 'json', write: (line) => logLines.push(line) });

interface Opened {
  entries: Entries;
  clock: { nowMs: number };
}
const withClock = (open: (nowMs: () => number) => Entries): Opened => {
  const clock = { nowMs: 1_000_000 };
  return { entries: open(() => clock.nowMs), clock };
};

function describeEntries(open: () => Opened): void {
  test('keeps texts by key', async () => {
    const { entries } = open();
    const big = 'ü🌞'.repeat(100_000);
    await entries.set([
      { key: 'a', text: '1' },
      { key: 'b', text: big },
    ]);
    await entries.set([{ key: 'a', text: 'one' }]);
    expect(await entries.get(['b', 'x', 'a', 'a'])).toEqual([big, undefined, 'one', 'one']);
    await entries.delete(['b', 'y']);
    await entries.delete([]);
    expect(await entries.get(['a', 'b'])).toEqual(['one', undefined]);
    expect(await entries.get([])).toEqual([]);
    expect(await entries.isReady()).toBe(true);
    await entries.close();
  });
}

function describeLimited(open: (limits: EntryLimits) => Opened): void {
  describeEntries(() => open(roomy));

  test('an entry expires when it was not used for so long', async () => {
    const { entries, clock } = open({ ...roomy, ttlMs: 1000 });
    await entries.set([{ key: 'used', text: 'x' }]);
    await entries.set([{ key: 'unused', text: 'x' }]);
    clock.nowMs += 600;
    await entries.get(['used']);
    clock.nowMs += 600;
    expect(await entries.get(['used', 'unused'])).toEqual(['x', undefined]);
    clock.nowMs += 1001;
    expect(await entries.get(['used'])).toEqual([undefined]);
    await entries.close();
  });

  test('the least recently used make room, by number and by size', async () => {
    const { entries, clock } = open({ ...roomy, entries: 3, bytes: 100 });
    for (const key of ['a', 'b', 'c']) {
      clock.nowMs += 1;
      await entries.set([{ key, text: key }]);
    }
    clock.nowMs += 1;
    await entries.get(['a']);
    clock.nowMs += 1;
    await entries.set([{ key: 'd', text: 'd' }]);
    expect(await entries.get(['a', 'b', 'c', 'd'])).toEqual(['a', undefined, 'c', 'd']);
    clock.nowMs += 1;
    const large = `${'ü'.repeat(49)}x`;
    await entries.set([{ key: 'e', text: large }]);
    expect(await entries.get(['a', 'c', 'd', 'e'])).toEqual([undefined, undefined, 'd', large]);
    await entries.close();
  });

  test('what is larger than all of the store is refused, and nothing is removed for it', async () => {
    const { entries } = open({ ...roomy, bytes: 100 });
    await entries.set([{ key: 'a', text: 'a' }]);
    const tooLarge = entries.set([{ key: 'b', text: 'ü'.repeat(51) }]);
    expect(await tooLarge.catch((thrown: unknown) => thrown)).toMatchObject({ code: 'response_store_full' });
    expect(await entries.get(['a', 'b'])).toEqual(['a', undefined]);
    await entries.close();
  });
}

describe('memory', () => {
  const open = (limits: EntryLimits) => withClock((nowMs) => new MemoryEntries(limits, nowMs));
  describeLimited(open);

  test('counts its bytes', async () => {
    const entries = new MemoryEntries({ ...roomy, bytes: 5000 }, () => 0);
    for (let round = 0; round < 1000; round++) {
      await entries.set([{ key: `k${round % 50}`, text: 'x'.repeat(round) }]);
      expect(entries.size.bytes).toBeLessThanOrEqual(5000);
    }
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
    const kept = (await entries.get(keys)).filter((text) => text !== undefined);
    expect(entries.size).toEqual({ entries: kept.length, bytes: kept.join('').length });
    await entries.delete(keys);
    expect(entries.size).toEqual({ entries: 0, bytes: 0 });
  });

  test('many big conversations take the memory that the limit allows', async () => {
    const limits = { ttlMs: 1e9, entries: 10_000, bytes: 32 * 1024 * 1024 };
    const entries = new MemoryEntries(limits, () => 0);
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    for (let round = 0; round < 200; round++) {
      await entries.set([
        { key: `k${round}`, text: JSON.stringify({ round, text: 'word '.repeat(200_000) }) },
      ]);
      if (round % 20 === 0) Bun.gc(true);
    }
    Bun.gc(true);
    expect(entries.size.bytes).toBeGreaterThan(limits.bytes - 1_100_000);
    expect(entries.size.bytes).toBeLessThanOrEqual(limits.bytes);
    expect(process.memoryUsage.rss() - before).toBeLessThan(120 * 1024 * 1024);
  }, 20_000);
});

describe('sqlite', () => {
  const open = (limits: EntryLimits) => withClock((nowMs) => new SqliteEntries(newPath(), limits, nowMs));
  describeLimited(open);

  test('the file is its owner’s alone, shared by daemons, and there after a restart', async () => {
    const path = newPath();
    const one = new SqliteEntries(path, roomy, () => 0);
    const other = new SqliteEntries(path, roomy, () => 0);
    await one.set([{ key: 'a', text: 'by one' }]);
    await other.set([{ key: 'b', text: 'by the other' }]);
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await other.get(['a'])).toEqual(['by one']);
    await one.close();
    await other.close();
    const again = new SqliteEntries(path, roomy, () => 0);
    expect(await again.get(['a', 'b'])).toEqual(['by one', 'by the other']);
    await again.delete(['a', 'b']);
    await again.close();
    expect(readFileSync(path).includes('by the other')).toBe(false);
  });

  test('a file that is not a database, or cannot be made, is a named failure', () => {
    const path = join(directory, 'text');
    writeFileSync(path, 'no database, '.repeat(100));
    const failure = { code: 'response_store_unavailable', advice: expect.stringContaining('store.path') };
    for (const bad of [path, join(path, 'below.sqlite')]) {
      try {
        new SqliteEntries(bad, roomy, () => 0);
        throw new Error('nothing was thrown');
      } catch (thrown) {
        expect(thrown).toMatchObject({ ...failure, message: expect.stringContaining(bad) });
      }
    }
    expect(existsSync(path)).toBe(true);
  });
});

const redis = installedRedis();
if ('why' in redis) console.warn(`skipped: ${redis.why}`);

describe.skipIf('why' in redis)('redis', () => {
  let server: RunningRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  const openAt = (url: string, ttlMs = 60_000) => {
    const clock = { nowMs: 0 };
    return { clock, entries: new RedisEntries({ url, ttlMs, nowMs: () => clock.nowMs, log }) };
  };
  describeEntries(() => openAt(server.url));

  test('an entry expires in Redis; a use renews it', async () => {
    const { entries } = openAt(server.url, 400);
    await entries.set([
      { key: 'used', text: 'x' },
      { key: 'unused', text: 'x' },
    ]);
    const started = performance.now();
    await until(async () => {
      expect(await entries.get(['used'])).toEqual(['x']);
      return performance.now() - started > 500;
    });
    expect(await entries.get(['unused'])).toEqual([undefined]);
    await entries.close();
  });

  test('without the server it fails by name and soon, once logged, and it recovers', async () => {
    const own = await startRedis();
    const { entries, clock } = openAt(own.url);
    await entries.set([{ key: 'a', text: 'x' }]);
    await own.stop();
    logLines.length = 0;
    const failure = await entries.get(['a']).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'response_store_unavailable' });
    expect(await entries.isReady()).toBe(false);
    clock.nowMs += 2000;
    expect(await entries.isReady()).toBe(false);
    expect(logLines.map((line) => JSON.parse(line).level)).toEqual(['warn']);
    await using _ = await startRedis(own.port);
    clock.nowMs += 2000;
    await until(async () => {
      clock.nowMs += 2000;
      return entries.isReady();
    });
    await entries.set([{ key: 'a', text: 'y' }]);
    expect(await entries.get(['a'])).toEqual(['y']);
    expect(logLines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'info']);
    await entries.close();
  });

  test('a server that never replies holds up one request, not every turn', async () => {
    const silent = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    const { entries, clock } = openAt(`redis://127.0.0.1:${silent.port}`);
    expect(await entries.isReady()).toBe(false);
    clock.nowMs += 2000;
    const started = performance.now();
    for (let turn = 0; turn < 20; turn++) expect(await entries.isReady()).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
    await entries.close();
    silent.stop(true);
  });

  test('a wrong password is neither quoted nor taken for a missing entry', async () => {
    const own = await startRedis(undefined, ['--requirepass', 'the-right-one']);
    const wrong = openAt(own.url.replace('//', '//:not-the-right-one@')).entries;
    const failure = (await wrong.get(['a']).catch((thrown: unknown) => thrown)) as Error;
    expect(failure).toMatchObject({ code: 'response_store_unavailable' });
    expect(JSON.stringify([failure.message, logLines])).not.toContain('not-the-right-one');
    const right = openAt(own.url.replace('//', '//:the-right-one@')).entries;
    await right.set([{ key: 'a', text: 'x' }]);
    expect(await right.get(['a'])).toEqual(['x']);
    await own.stop();
  });

  test('a full Redis refuses to store; the connection stays', async () => {
    const own = await startRedis(undefined, ['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction']);
    const { entries } = openAt(own.url);
    const set = entries
      .set([{ key: 'a', text: 'x'.repeat(4_000_000) }])
      .then(() => entries.set([{ key: 'b', text: 'x' }]));
    const failure = await set.catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ message: expect.stringContaining('OOM') });
    expect(await entries.isReady()).toBe(true);
    await entries.close();
    await own.stop();
  });
});
