// The ledger's SQLite file, readable only by its owner. Several daemons may use the same file.
import { constants, Database } from 'bun:sqlite';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheSchema } from './cache-tables.ts';

/** Instead of a path: the counts are lost when the process exits. */
export const inMemory = ':memory:';

const version = 1;

/**
 * Waiting for another daemon blocks this one, so the timeout is short; anything that cannot be written now is written
 * later. `at`: the start of a quarter of an hour, in ms since 1970.
 */
const schema = `
  PRAGMA busy_timeout = 100;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS usage (
    at INTEGER NOT NULL, model TEXT NOT NULL, key TEXT NOT NULL, client TEXT NOT NULL,
    requests INTEGER NOT NULL, failed INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, audio_seconds REAL NOT NULL,
    PRIMARY KEY (at, model, key, client)
  ) WITHOUT ROWID;
  ${cacheSchema}
  PRAGMA user_version = ${version};
`;

/** The database, and the identity of its file: another process may have moved that file aside. */
export interface LedgerFile {
  database: Database;
  inode: number | undefined;
}

/** Throws an SQLite or system error. */
export function openLedgerFile(path: string): LedgerFile {
  if (path === inMemory) {
    const database = new Database(path);
    database.run(schema);
    return { database, inode: undefined };
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600); // SQLite gives the files beside it the same mode
  const database = new Database(path);
  try {
    checkVersion(database);
    database.run(schema);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return { database, inode: inodeOf(path) };
}

/**
 * Reads the file, also in a read-only directory. Returns undefined if there is no such file, or nothing in it. Throws an
 * SQLite or system error.
 */
export function readLedgerFile<T>(path: string, read: (database: Database) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readFrom(new Database(path, { readonly: true }), read);
  } catch (thrown) {
    // Without write access to the directory, SQLite cannot create the index of the write-ahead log.
    if (!/^SQLITE_(?:CANTOPEN|READONLY)/.test(codeOf(thrown))) throw thrown;
    const { SQLITE_OPEN_READONLY, SQLITE_OPEN_URI } = constants;
    const url = `${pathToFileURL(path)}?immutable=1`;
    return readFrom(new Database(url, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI), read);
  }
}

function readFrom<T>(database: Database, read: (database: Database) => T): T | undefined {
  try {
    database.run('PRAGMA busy_timeout = 2000');
    return checkVersion(database) === 0 ? undefined : read(database);
  } finally {
    database.close();
  }
}

/** 0 for a new file. */
function checkVersion(database: Database): number {
  const found = database.query<{ user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0;
  if (found > version) throw new Error('it was written by a newer version of codexd');
  return found;
}

/**
 * Moves a corrupt file to `PATH.corrupt`, replacing an older one. Does nothing if another daemon has already replaced the
 * file. Returns where it was moved to.
 */
export function moveAside(path: string, inode: number | undefined): string | undefined {
  if (inode !== undefined && inodeOf(path) !== inode) return undefined;
  const target = `${path}.corrupt`;
  renameSync(path, target);
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  return target;
}

export function isCorrupt(thrown: unknown): boolean {
  return /^SQLITE_(?:CORRUPT|NOTADB)/.test(codeOf(thrown));
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Undefined if there is no such file. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
