// Renders `codexd usage` as a table and as JSON. Pure functions.
import { type Counts, sumCounts } from '../ledger/counts.ts';
import { dayFormat, type Grouping, type UsageRow } from '../ledger/query.ts';
import { columns } from './columns.ts';

export interface Usage {
  sinceMs: number;
  untilMs: number;
  by: Grouping;
  rows: UsageRow[];
}

export interface UsageStyle {
  /** Maximum columns per line. */
  width: number;
  /** For people: short numbers, and bars. */
  isTty: boolean;
}

interface Column {
  head: string;
  cell(counts: Counts, style: UsageStyle): string;
  /** A column is left out if it has nothing to show. */
  isEmpty?(total: Counts): boolean;
}

const table: readonly Column[] = [
  { head: 'REQUESTS', cell: ({ requests }, style) => numberText(requests, style) },
  {
    head: 'FAILED',
    cell: ({ failed }, style) => numberText(failed, style),
    isEmpty: ({ failed }) => failed === 0,
  },
  { head: 'INPUT', cell: ({ inputTokens }, style) => numberText(inputTokens, style) },
  { head: 'CACHED', cell: cachedText },
  { head: 'OUTPUT', cell: ({ outputTokens }, style) => numberText(outputTokens, style) },
  {
    head: 'AUDIO',
    cell: ({ audioSeconds }, style) => audioText(audioSeconds, style),
    isEmpty: ({ audioSeconds }) => audioSeconds === 0,
  },
];

const barCells = 16;

export function usageText({ sinceMs, by, rows }: Usage, style: UsageStyle): string {
  const since = dayFormat(undefined)(sinceMs);
  if (rows.length === 0) return `No requests since ${since}.\n`;
  const total = sumCounts(rows);
  const shown = table.filter(({ isEmpty }) => !isEmpty?.(total));
  const line = (name: string, counts: Counts, bar: string) => [
    name,
    ...shown.map(({ cell }) => cell(counts, style)),
    ...(style.isTty ? [bar] : []),
  ];
  const size = measureOf(total);
  const most = Math.max(...rows.map(size));
  const head = [by.toUpperCase(), ...shown.map(({ head }) => head), ...(style.isTty ? ['SHARE'] : [])];
  const body = rows.map((row) => line(row.name, row, barText(size(row) / most)));
  const right = shown.map((_, at) => at + 1);
  const last = rows.length > 1 ? [line('total', total, '')] : [];
  return columns([head, ...body, ...last], style.width, right);
}

/** What the bars compare: tokens, which use up the plan; without any, recordings, else requests. */
function measureOf(total: Counts): (counts: Counts) => number {
  if (total.inputTokens + total.outputTokens > 0)
    return ({ inputTokens, outputTokens }) => inputTokens + outputTokens;
  return total.audioSeconds > 0 ? ({ audioSeconds }) => audioSeconds : ({ requests }) => requests;
}

function barText(share: number): string {
  const filled = Math.round((share || 0) * barCells);
  return '█'.repeat(share > 0 ? Math.max(1, filled) : 0);
}

/** `1.2M` on a terminal; all digits elsewhere. */
export function numberText(value: number, { isTty }: Pick<UsageStyle, 'isTty'>): string {
  if (!isTty) return String(value);
  if (value === 0) return '-';
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

function cachedText({ inputTokens, cachedTokens }: Counts, { isTty }: UsageStyle): string {
  if (!isTty) return String(cachedTokens);
  return inputTokens === 0 ? '-' : `${Math.round((100 * cachedTokens) / inputTokens)}%`;
}

/** `45s`, `12m`, `3.2h` on a terminal; seconds elsewhere. */
function audioText(seconds: number, { isTty }: UsageStyle): string {
  if (!isTty) return String(Math.round(seconds));
  if (seconds === 0) return '-';
  if (seconds < 60) return `${Math.round(seconds)}s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)}m` : `${(seconds / 3600).toFixed(1)}h`;
}

export function usageJson({ sinceMs, untilMs, by, rows }: Usage): object {
  return {
    since: new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    by,
    rows: rows.map((row) => ({ [by]: row.name, ...countsJson(row) })),
    total: countsJson(sumCounts(rows)),
  };
}

function countsJson(counts: Counts) {
  return {
    requests: counts.requests,
    failed: counts.failed,
    input_tokens: counts.inputTokens,
    cached_tokens: counts.cachedTokens,
    output_tokens: counts.outputTokens,
    reasoning_tokens: counts.reasoningTokens,
    audio_seconds: Math.round(counts.audioSeconds * 10) / 10,
  };
}
