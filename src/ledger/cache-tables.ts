// Conversations and where they lost the prompt cache, in the ledger's file.
import type { Database } from 'bun:sqlite';
import type { CacheTurn } from './cache-watch.ts';

/** `place` is null if the prompt was unchanged. */
export const cacheSchema = `
  CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, model TEXT NOT NULL, key TEXT NOT NULL, client TEXT NOT NULL,
    last_at INTEGER NOT NULL, turns INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
    lost_tokens INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cache_losses (
    at INTEGER NOT NULL, conversation TEXT NOT NULL, lost_tokens INTEGER NOT NULL, idle_ms INTEGER NOT NULL,
    place TEXT, same_length INTEGER, length_before INTEGER, length_after INTEGER
  );
`;

const maxConversations = 2000;
const maxLosses = 5000;

export interface Conversation {
  id: string;
  model: string;
  key: string;
  client: string;
  lastAtMs: number;
  turns: number;
  inputTokens: number;
  cachedTokens: number;
  lostTokens: number;
}

export interface RecordedLoss {
  atMs: number;
  conversation: string;
  lostTokens: number;
  idleMs: number;
  /** Null if the prompt was unchanged. */
  place: string | null;
  sameLength: number | null;
  lengthBefore: number | null;
  lengthAfter: number | null;
}

export interface CacheReport {
  /** The latest first. */
  conversations: Conversation[];
  losses: RecordedLoss[];
}

/** Inside a transaction. */
export function writeCacheTurns(database: Database, turns: readonly CacheTurn[]): void {
  const upsert = database.query(`
    INSERT INTO conversations VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
    ON CONFLICT DO UPDATE SET last_at = excluded.last_at, turns = turns + 1, client = excluded.client,
      input_tokens = input_tokens + excluded.input_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
      lost_tokens = lost_tokens + excluded.lost_tokens`);
  const insert = database.query('INSERT INTO cache_losses VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  for (const { atMs, conversation, names, inputTokens, cachedTokens, loss } of turns) {
    const { model, key, client } = names;
    upsert.run(conversation, model, key, client, atMs, inputTokens, cachedTokens, loss?.lostTokens ?? 0);
    if (loss === undefined) continue;
    const { difference, lostTokens, idleMs } = loss;
    insert.run(
      ...[atMs, conversation, lostTokens, idleMs, difference?.part ?? null, difference?.offset ?? null],
      ...[difference?.lengthBefore ?? null, difference?.lengthAfter ?? null],
    );
  }
}

/** Inside a transaction. */
export function pruneCacheTables(database: Database, beforeMs: number): void {
  for (const [table, column, most] of [
    ['conversations', 'last_at', maxConversations],
    ['cache_losses', 'at', maxLosses],
  ]) {
    const oldest = `SELECT ${column} FROM ${table} ORDER BY ${column} DESC LIMIT 1 OFFSET ${most}`;
    database.query(`DELETE FROM ${table} WHERE ${column} < ? OR ${column} <= (${oldest})`).run(beforeMs);
  }
}

export function readCache(
  database: Database,
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
): CacheReport {
  const conversations = database
    .query<Conversation, [number, number]>(
      `SELECT id, model, key, client, last_at AS lastAtMs, turns, input_tokens AS inputTokens,
         cached_tokens AS cachedTokens, lost_tokens AS lostTokens
       FROM conversations WHERE last_at BETWEEN ? AND ? ORDER BY last_at DESC, id`,
    )
    .all(sinceMs, untilMs);
  const losses = database
    .query<RecordedLoss, [number, number]>(
      `SELECT at AS atMs, conversation, lost_tokens AS lostTokens, idle_ms AS idleMs, place,
         same_length AS sameLength, length_before AS lengthBefore, length_after AS lengthAfter
       FROM cache_losses WHERE at BETWEEN ? AND ? ORDER BY at DESC, rowid DESC`,
    )
    .all(sinceMs, untilMs);
  return { conversations, losses };
}
