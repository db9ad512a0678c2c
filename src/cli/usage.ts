// `codexd usage`: requests and tokens from the ledger, also while no daemon is running.
import type { Database } from 'bun:sqlite';
import { ledgerPath } from '../app/ledger.ts';
import { Failure } from '../failure.ts';
import { type CacheReport, readCache } from '../ledger/cache-tables.ts';
import { noCounts } from '../ledger/counts.ts';
import { readLedgerFile } from '../ledger/file.ts';
import { type Grouping, groupings, readUsage, type UsageRow } from '../ledger/query.ts';
import { command } from './command.ts';
import { createMessages } from './messages.ts';
import { openSession, type Session } from './session.ts';
import { cacheJson, cacheText } from './usage-cache-text.ts';
import { daysSince, parseSince } from './usage-period.ts';
import { usageJson, usageText } from './usage-text.ts';
import { lineWidth } from './wrap.ts';

export default command({
  args: {
    since: {
      type: 'string',
      description: 'Period: hours, days or weeks, or a date (default 7d).',
      valueHint: '7d|DATE',
    },
    cache: {
      type: 'boolean',
      description: 'Show how much of each conversation the upstream had cached, and where it lost the cache.',
    },
    by: { type: 'enum', options: [...groupings], description: 'What each row represents (default day).' },
  },
  settings: ['ledger'],
  examples: [
    'codexd usage',
    'codexd usage --since 4w --by model',
    'codexd usage --cache',
    'codexd usage --since 2026-11-01 --json',
  ],
  run: async (call) => {
    const session = await openSession(call);
    const { stdout } = call.terminal;
    const nowMs = Date.now();
    const query = {
      by: (call.args.by ?? 'day') as Grouping,
      sinceMs: parseSince(call.args.since ?? '7d', nowMs),
      untilMs: nowMs,
    };
    if (call.args.cache) {
      const report = readLedger(session, (database) => readCache(database, query)) ?? noCache;
      stdout.write(
        call.json
          ? `${JSON.stringify(cacheJson(report))}\n`
          : cacheText(report, { ...query, width: lineWidth(stdout), isTty: stdout.isTty }),
      );
      warnIfOff(session);
      return;
    }
    const rows = readLedger(session, (database) => readUsage(database, query)) ?? [];
    const usage = { ...query, rows: query.by === 'day' ? withEmptyDays(rows, nowMs) : rows };
    stdout.write(
      call.json
        ? `${JSON.stringify(usageJson(usage))}\n`
        : usageText(usage, { width: lineWidth(stdout), isTty: stdout.isTty }),
    );
    warnIfOff(session);
  },
});

/** Days without requests have a row too, so that the bars show when codexd was used. */
function withEmptyDays(rows: UsageRow[], untilMs: number): UsageRow[] {
  const first = rows[0];
  if (first === undefined) return rows;
  const byName = new Map(rows.map((row) => [row.name, row]));
  return daysSince(first.name, untilMs).map((name) => byName.get(name) ?? { name, ...noCounts });
}

const noCache: CacheReport = { conversations: [], losses: [] };

function readLedger<T>({ paths }: Session, read: (database: Database) => T): T | undefined {
  const path = ledgerPath(paths);
  try {
    return readLedgerFile(path, read);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('forbidden', `Cannot read the usage ledger ${path}: ${why}.`, {
      code: 'unreadable_file',
      advice: 'Check its permissions. If it is damaged, delete it: codexd starts a new one.',
      cause,
    });
  }
}

function warnIfOff({ config, terminal }: Session): void {
  const { kind } = config.ledger;
  if (kind === 'sqlite') return;
  createMessages(terminal.stderr).warn(`Usage is not recorded in a file: \`ledger.kind\` is "${kind}".`);
}
