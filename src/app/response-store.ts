// The store of earlier responses that the settings ask for.
import { join } from 'node:path';
import type { Entries, EntryLimits } from '../store/entries.ts';
import { MemoryEntries } from '../store/memory.ts';
import { RedisEntries } from '../store/redis.ts';
import { ResponseStore } from '../store/response-store.ts';
import { SqliteEntries } from '../store/sqlite.ts';
import type { Setup } from './setup.ts';

const localRedis = 'redis://127.0.0.1:6379';

/** Undefined where it is switched off. Throws for a file that cannot be used. */
export function createResponseStore(setup: Setup): ResponseStore | undefined {
  const entries = createEntries(setup);
  return entries === undefined ? undefined : new ResponseStore(entries, setup.log);
}

/** Of all WebSockets together. A client whose response is no longer there sends its history again. */
const connectionLimits: EntryLimits = { ttlMs: 3_600_000, entries: 100_000, bytes: 128 * 1024 * 1024 };

export function createConnectionStore({ log }: Setup): ResponseStore {
  return new ResponseStore(new MemoryEntries(connectionLimits, () => performance.now()), log);
}

function createEntries({ config, paths, log }: Setup): Entries | undefined {
  const { kind, path, redisUrl: url, ttlDays, maxEntries, maxMb } = config.store;
  const limits: EntryLimits = {
    ttlMs: ttlDays * 86_400_000,
    entries: maxEntries,
    bytes: maxMb * 1024 * 1024,
  };
  switch (kind) {
    case 'memory':
      return new MemoryEntries(limits, () => performance.now());
    case 'sqlite':
      return new SqliteEntries(path ?? join(paths.stateDir, 'responses.sqlite'), limits, Date.now);
    case 'redis':
      return new RedisEntries({ url: url ?? localRedis, ttlMs: limits.ttlMs, nowMs: Date.now, log });
    case 'off':
      return undefined;
  }
}
