// Reads sums from the ledger.
import type { Database } from 'bun:sqlite';
import { addCounts, type Counts } from './counts.ts';

export const groupings = ['day', 'model', 'key', 'client'] as const;
export type Grouping = (typeof groupings)[number];

export interface UsageQuery {
  /** The start, rounded down to a quarter of an hour. */
  sinceMs: number;
  /** The end, inclusive. */
  untilMs: number;
  by: Grouping;
  /** The time zone for days; defaults to the machine's. */
  timeZone?: string | undefined;
}

/** The sums of one day (`2026-12-01`), model, key or client. */
export interface UsageRow extends Counts {
  name: string;
}

/** The length of time that one row of the file covers. The days of every time zone begin with one. */
const slotMs = 15 * 60_000;

export function slotOf(ms: number): number {
  return Math.floor(ms / slotMs) * slotMs;
}

type GroupRow = Counts & { name: string | number };

/** Days in order; models, keys and clients with the most tokens first. */
export function readUsage(database: Database, { sinceMs, untilMs, by, timeZone }: UsageQuery): UsageRow[] {
  const column = by === 'day' ? 'at' : by;
  const rows = database
    .query<GroupRow, [number, number]>(
      `SELECT ${column} AS name, SUM(requests) AS requests, SUM(failed) AS failed,
         SUM(input_tokens) AS inputTokens, SUM(cached_tokens) AS cachedTokens, SUM(output_tokens) AS outputTokens,
         SUM(reasoning_tokens) AS reasoningTokens, SUM(audio_seconds) AS audioSeconds
       FROM usage WHERE at BETWEEN ? AND ? GROUP BY ${column}
       ORDER BY ${by === 'day' ? 'at' : 'SUM(input_tokens + output_tokens) DESC, SUM(requests) DESC, name'}`,
    )
    .all(slotOf(sinceMs), untilMs);
  return by === 'day' ? byDay(rows, timeZone) : rows.map((row) => ({ ...row, name: String(row.name) }));
}

function byDay(slots: readonly GroupRow[], timeZone: string | undefined): UsageRow[] {
  const dayOf = dayFormat(timeZone);
  const days = new Map<string, UsageRow>();
  for (const { name: at, ...counts } of slots) {
    const name = dayOf(Number(at));
    const day = days.get(name);
    if (day === undefined) days.set(name, { name, ...counts });
    else addCounts(day, counts);
  }
  return [...days.values()];
}

/** The sums of both, in the same order. */
export function mergeUsage(one: readonly UsageRow[], other: readonly UsageRow[], by: Grouping): UsageRow[] {
  const rows = new Map(one.map((row) => [row.name, { ...row }]));
  for (const row of other) {
    const same = rows.get(row.name);
    if (same === undefined) rows.set(row.name, row);
    else addCounts(same, row);
  }
  const tokens = ({ inputTokens, outputTokens }: UsageRow) => inputTokens + outputTokens;
  return [...rows.values()].sort((a, b) =>
    by === 'day' ? a.name.localeCompare(b.name) : tokens(b) - tokens(a) || b.requests - a.requests,
  );
}

/** `2026-12-01`; the Swedish locale formats dates like ISO 8601. */
export function dayFormat(timeZone: string | undefined): (ms: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone });
  return (ms) => format.format(ms);
}
