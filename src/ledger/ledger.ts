// The ledger: counts of every call, for `codexd usage` and the status page. Counts are collected in memory and written
// once a second, so that a call never waits for the disk. If they cannot be written (a full disk, a read-only home),
// they stay in memory and are written later; the log reports this once.
import type { Database } from 'bun:sqlite';
import { DistinctNames } from '../base/distinct-names.ts';
import type { Log } from '../log.ts';
import type { CallRecord } from '../turns/record.ts';
import { pruneCacheTables, writeCacheTurns } from './cache-tables.ts';
import type { CacheTurn } from './cache-watch.ts';
import {
  addCounts,
  type CountedNames,
  type Counts,
  countsOf,
  isCounted,
  namesOf,
  noCounts,
  sumCounts,
} from './counts.ts';
import {
  inMemory,
  inodeOf,
  isCorrupt,
  type LedgerFile,
  moveAside,
  openLedgerFile,
  readLedgerFile,
} from './file.ts';
import { mergeUsage, readUsage, slotOf, type UsageQuery, type UsageRow } from './query.ts';

export interface LedgerOptions {
  /** `:memory:` keeps the counts in memory. */
  path: string;
  retentionDays: number;
  log: Log;
  /** The wall clock. */
  nowMs: () => number;
  /** A monotonic clock. */
  uptimeMs: () => number;
}

interface Entry {
  at: number;
  names: CountedNames;
  counts: Counts;
}

const flushMs = 1000;
const slowestRetryMs = 60_000;
/** Limit while nothing can be written. Further calls are counted, but not by model, key and client. */
const maxPending = 4096;
/** Different models or clients in a quarter of an hour. */
const maxNames = 100;
/** Keeps the file below about 100 MB, whatever clients send. */
const maxRows = 1_000_000;
const dayMs = 86_400_000;
/** If the wall clock moves by more than this, somebody set it. */
const clockToleranceMs = 3_600_000;

const insert = `
  INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, failed = failed + excluded.failed,
    input_tokens = input_tokens + excluded.input_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
    audio_seconds = audio_seconds + excluded.audio_seconds`;

export class Ledger {
  #file: LedgerFile | undefined;
  #pending = new Map<string, Entry>();
  #pendingTurns: CacheTurn[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = flushMs;
  #isFailing = false;
  #slot = { at: 0, models: new DistinctNames(maxNames), clients: new DistinctNames(maxNames) };
  #prunedAtUptimeMs: number | undefined;
  readonly #startedAt: { wallMs: number; uptimeMs: number };

  constructor(private readonly options: LedgerOptions) {
    this.#startedAt = { wallMs: options.nowMs(), uptimeMs: options.uptimeMs() };
  }

  /** Observes calls. Never throws, and does not touch the disk. */
  readonly observe = (record: CallRecord): void => {
    if (!isCounted(record)) return;
    const at = slotOf(this.options.nowMs());
    this.#add(at, this.#limited(at, namesOf(record)), countsOf(record));
    this.#timer ??= this.#later(this.#retryMs);
  };

  /** Notes a turn of a conversation, for `codexd usage --cache`. */
  readonly noteTurn = (turn: CacheTurn): void => {
    this.#pendingTurns.push({ ...turn, names: this.#limited(slotOf(turn.atMs), turn.names) });
    if (this.#pendingTurns.length > maxPending) this.#pendingTurns.shift();
    this.#timer ??= this.#later(this.#retryMs);
  };

  /** Includes calls that are not in the file, even if it cannot be written or read. */
  usage(query: UsageQuery): UsageRow[] {
    this.flush();
    if (!this.#isFailing) return this.#withFile((database) => readUsage(database, query));
    const { database } = openLedgerFile(inMemory);
    this.#writePending(database);
    const pending = readUsage(database, query);
    database.close();
    return mergeUsage(this.#recorded(query), pending, query.by);
  }

  /** Writes what is pending, or logs why it cannot. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0 && this.#pendingTurns.length === 0) return;
    try {
      this.#write();
      if (this.#isFailing) this.options.log.info('recording usage again');
      this.#isFailing = false;
      this.#retryMs = flushMs;
    } catch (thrown) {
      this.#failed(thrown);
      this.#retryMs = Math.min(this.#retryMs * 2, slowestRetryMs);
      this.#timer = this.#later(this.#retryMs);
    }
  }

  close(): void {
    this.flush();
    if (this.#pending.size > 0) {
      const { requests } = sumCounts([...this.#pending.values()].map(({ counts }) => counts));
      this.options.log.warn('some usage could not be recorded', { requests });
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#closeFile();
  }

  #later(ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.flush(), ms);
    timer.unref();
    return timer;
  }

  #limited(at: number, { model, key, client }: CountedNames): CountedNames {
    if (this.#slot.at !== at) {
      this.#slot = { at, models: new DistinctNames(maxNames), clients: new DistinctNames(maxNames) };
    }
    return { model: this.#slot.models.nameOf(model), key, client: this.#slot.clients.nameOf(client) };
  }

  #add(at: number, names: CountedNames, counts: Counts): void {
    const id = JSON.stringify([at, names.model, names.key, names.client]);
    const entry =
      this.#pending.get(id) ?? (this.#pending.size >= maxPending ? this.#overflow(at) : undefined);
    if (entry === undefined) this.#pending.set(id, { at, names, counts });
    else addCounts(entry.counts, counts);
  }

  #overflow(at: number): Entry {
    const found = this.#pending.get('overflow');
    if (found !== undefined) return found;
    const names = { model: 'other', key: 'other', client: 'other' };
    const entry = { at, names, counts: { ...noCounts } };
    this.#pending.set('overflow', entry);
    return entry;
  }

  /** Opens the file again if it was deleted or moved. */
  #database(): Database {
    const { path } = this.options;
    if (this.#file !== undefined && inodeOf(path) !== this.#file.inode) this.#closeFile();
    this.#file ??= openLedgerFile(path);
    return this.#file.database;
  }

  #closeFile(): void {
    this.#file?.database.close();
    this.#file = undefined;
  }

  /** A corrupt file is moved aside, and a new one used instead. */
  #withFile<T>(act: (database: Database) => T): T {
    try {
      return act(this.#database());
    } catch (thrown) {
      if (!isCorrupt(thrown)) throw thrown;
      const { path, log } = this.options;
      const inode = this.#file?.inode;
      this.#closeFile();
      const movedTo = moveAside(path, inode);
      if (movedTo !== undefined) log.warn('the usage ledger was corrupt; started a new one', { movedTo });
      return act(this.#database());
    }
  }

  /** What is in a file that cannot be written. */
  #recorded(query: UsageQuery): UsageRow[] {
    try {
      return readLedgerFile(this.options.path, (database) => readUsage(database, query)) ?? [];
    } catch {
      return []; // the log says why
    }
  }

  #write(): void {
    this.#withFile((database) => {
      database
        .transaction(() => {
          this.#writePending(database);
          this.#prune(database);
        })
        .immediate();
    });
    this.#pending.clear();
    this.#pendingTurns = [];
  }

  #writePending(database: Database): void {
    const upsert = database.query(insert);
    for (const { at, names, counts } of this.#pending.values()) {
      const { requests, failed, inputTokens, cachedTokens, outputTokens, reasoningTokens } = counts;
      upsert.run(
        ...[at, names.model, names.key, names.client, requests, failed],
        ...[inputTokens, cachedTokens, outputTokens, reasoningTokens, counts.audioSeconds],
      );
    }
    writeCacheTurns(database, this.#pendingTurns);
  }

  /** Once a day. Not while the clock is wrong: that would delete everything. */
  #prune(database: Database): void {
    const { nowMs, uptimeMs, retentionDays } = this.options;
    const uptime = uptimeMs();
    if (this.#prunedAtUptimeMs !== undefined && uptime - this.#prunedAtUptimeMs < dayMs) return;
    const elapsed = { wall: nowMs() - this.#startedAt.wallMs, real: uptime - this.#startedAt.uptimeMs };
    if (Math.abs(elapsed.wall - elapsed.real) > clockToleranceMs) return;
    this.#prunedAtUptimeMs = uptime;
    const oldestMs = nowMs() - retentionDays * dayMs;
    pruneCacheTables(database, oldestMs);
    database.query('DELETE FROM usage WHERE at < ?').run(oldestMs);
    database
      .query('DELETE FROM usage WHERE at < (SELECT at FROM usage ORDER BY at DESC LIMIT 1 OFFSET ?)')
      .run(maxRows);
  }

  #failed(thrown: unknown): void {
    const { log, path } = this.options;
    if (this.#isFailing) return;
    this.#isFailing = true;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    log.warn('cannot record usage; keeping it in memory for now', { path, why });
  }
}
