// Entries in a SQLite file that only its owner can read. Several daemons may use the same file.
import { Database } from 'bun:sqlite';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../failure.ts';
import type { Entries, Entry, EntryLimits } from './entries.ts';
import { checkFits } from './limits.ts';

/** The index covers what `#makeRoom` reads, so that it need not read the texts. */
const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, used_at INTEGER NOT NULL, bytes INTEGER NOT NULL, text TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS entries_by_use ON entries (used_at, bytes);
`;

interface Totals {
  entries: number;
  bytes: number;
}

export class SqliteEntries implements Entries {
  readonly #database: Database;

  constructor(
    private readonly path: string,
    private readonly limits: EntryLimits,
    private readonly nowMs: () => number,
  ) {
    this.#database = this.#guarded('open', () => {
      createPrivateFile(path);
      const database = new Database(path);
      database.run(schema);
      return database;
    });
  }

  async isReady(): Promise<boolean> {
    return true;
  }

  async set(entries: readonly Entry[]): Promise<void> {
    const sized = entries.map((entry) => ({ ...entry, bytes: Buffer.byteLength(entry.text) }));
    checkFits(
      sized.map(({ bytes }) => bytes),
      this.limits,
    );
    const now = this.nowMs();
    this.#guarded('write', () => {
      const insert = this.#database.query('INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)');
      this.#database
        .transaction(() => {
          for (const { key, text, bytes } of sized) insert.run(key, now, bytes, text);
          this.#makeRoom(now);
        })
        .immediate();
    });
  }

  async get(keys: readonly string[]): Promise<(string | undefined)[]> {
    const now = this.nowMs();
    return this.#guarded('read', () => {
      const use = this.#database.query<{ text: string }, [number, string, number]>(
        'UPDATE entries SET used_at = ? WHERE key = ? AND used_at >= ? RETURNING text',
      );
      return this.#database
        .transaction(() => keys.map((key) => use.get(now, key, now - this.limits.ttlMs)?.text))
        .immediate();
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.#guarded('write', () => {
      const remove = this.#database.query('DELETE FROM entries WHERE key = ?');
      this.#database
        .transaction(() => {
          for (const key of keys) remove.run(key);
        })
        .immediate();
    });
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #makeRoom(now: number): void {
    const database = this.#database;
    database.query('DELETE FROM entries WHERE used_at < ?').run(now - this.limits.ttlMs);
    const totals = database.query<Totals, []>(
      'SELECT COUNT(*) AS entries, TOTAL(bytes) AS bytes FROM entries',
    );
    let { entries, bytes } = totals.get() as Totals;
    const oldest = database.query<{ key: string; bytes: number }, []>(
      'SELECT key, bytes FROM entries ORDER BY used_at LIMIT 1',
    );
    const remove = database.query('DELETE FROM entries WHERE key = ?');
    while (entries > this.limits.entries || bytes > this.limits.bytes) {
      const entry = oldest.get();
      if (entry === null) return;
      remove.run(entry.key);
      entries -= 1;
      bytes -= entry.bytes;
    }
  }

  #guarded<T>(what: 'open' | 'read' | 'write', act: () => T): T {
    try {
      return act();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Failure('unavailable', `Cannot ${what} the response store ${this.path}: ${why}.`, {
        code: 'response_store_unavailable',
        advice: 'Correct `store.path`, or delete the file.',
        cause,
      });
    }
  }
}

/** SQLite gives the files beside it the same mode. */
function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
