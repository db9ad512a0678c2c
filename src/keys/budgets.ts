// The daily and weekly budgets of API keys. A request is counted when it is admitted, its tokens when it has ended, so what
// is running when a budget is used up may still end.
import { Failure } from '../failure.ts';
import { resetTimeText } from '../reset-time.ts';
import type { KeyLimits } from './api-key.ts';
import { add, type Spending, type SpendingFile } from './spending.ts';

export interface KeyHolder {
  /** The key's name. */
  readonly name: string;
  /** Undefined without a key; such callers have no budgets. */
  readonly limits?: KeyLimits;
}

/** The plan's weekly window, as the upstream last reported it. */
export interface WeeklyWindow {
  usedPercent: number;
  resetsAtMs: number | undefined;
}

export interface BudgetOptions {
  file: Pick<SpendingFile, 'spending' | 'changed'>;
  /** The wall clock: days begin at midnight, local time. */
  nowMs: () => number;
  weekly: () => WeeklyWindow | undefined;
}

/** Resets of the same window are reported with slight differences. */
const sameWindowMs = 3_600_000;

/** Stands for all callers without a key of their own; no key has this name. */
const withoutKey = '';

export class KeyBudgets {
  constructor(private readonly options: BudgetOptions) {}

  /** Throws `rate_limited` if the holder has used up a budget, else counts a request. */
  admit({ name, limits }: KeyHolder): void {
    const { file } = this.options;
    this.#refresh();
    if (limits === undefined) return;
    const { requests, tokens, week } = file.spending;
    const midnight = nextMidnight(this.options.nowMs());
    this.#check(name, 'per_day', requests.get(name), limits.perDay, 'requests for today', midnight);
    this.#check(name, 'tokens_per_day', tokens.get(name), limits.tokensPerDay, 'tokens for today', midnight);
    const percent = week.percents.get(name);
    this.#check(
      name,
      'weekly_percent',
      percent,
      limits.weeklyPercent,
      "percent of the plan's week",
      week.resetsAtMs,
    );
    add(requests, name, 1);
    file.changed();
  }

  /** Adds the tokens of a request that has ended. */
  spend({ name, limits }: KeyHolder, count: number): void {
    if (count <= 0) return;
    const { file } = this.options;
    this.#refresh();
    add(file.spending.week.tokens, limits === undefined ? withoutKey : name, count);
    if (limits === undefined) return;
    add(file.spending.tokens, name, count);
    file.changed();
  }

  #check(
    name: string,
    limit: string,
    used = 0,
    most = Number.POSITIVE_INFINITY,
    what: string,
    resetsAtMs: number | undefined,
  ): void {
    if (used < most) return;
    const nowMs = this.options.nowMs();
    const reset = resetsAtMs === undefined ? '' : `It resets at ${resetTimeText(resetsAtMs, { nowMs })}. `;
    throw new Failure('rate_limited', `The key ${JSON.stringify(name)} has used up its ${most} ${what}.`, {
      code: 'key_limit_reached',
      retry: false,
      ...(resetsAtMs === undefined ? {} : { retryAfterMs: resetsAtMs - nowMs }),
      advice: `${reset}\`${limit}\` of the key sets this limit.`,
      details: {
        limit,
        ...(resetsAtMs === undefined ? {} : { resets_at: Math.ceil(resetsAtMs / 1000) }),
      },
    });
  }

  #refresh(): void {
    const { spending } = this.options.file;
    const nowMs = this.options.nowMs();
    const today = dayOf(nowMs);
    if (spending.day !== today) {
      spending.day = today;
      spending.requests.clear();
      spending.tokens.clear();
    }
    const window = this.options.weekly();
    if (hasEnded(spending.week, window, nowMs)) {
      spending.week.resetsAtMs = undefined;
      spending.week.usedPercent = 0;
      spending.week.percents.clear();
    }
    if (window !== undefined) divideRise(spending.week, window);
  }
}

/** Also before the reset that was announced: the upstream may reset a window early, and then reports a later reset. */
function hasEnded(
  { resetsAtMs }: Spending['week'],
  window: WeeklyWindow | undefined,
  nowMs: number,
): boolean {
  if (resetsAtMs === undefined) return false;
  return nowMs >= resetsAtMs || (window?.resetsAtMs ?? 0) > resetsAtMs + sameWindowMs;
}

/**
 * Each rise of the plan's used percent is divided among the keys by the tokens that they have used since the last one. A rise
 * without any is from programs that do not use codexd, and is no key's.
 */
function divideRise(week: Spending['week'], window: WeeklyWindow): void {
  week.resetsAtMs = window.resetsAtMs ?? week.resetsAtMs;
  const rise = window.usedPercent - (week.usedPercent ?? window.usedPercent);
  // Reports of concurrent turns arrive in any order, so a lower one is just late.
  if (rise < 0) return;
  week.usedPercent = window.usedPercent;
  if (rise === 0) return;
  const total = week.tokens.values().reduce((sum, count) => sum + count, 0);
  for (const [name, count] of week.tokens) add(week.percents, name, (rise * count) / total);
  week.tokens.clear();
}

function dayOf(ms: number): string {
  return new Date(ms).toLocaleDateString('sv-SE');
}

function nextMidnight(ms: number): number {
  return new Date(ms).setHours(24, 0, 0, 0);
}
