// What each key has used today, and of the plan's weekly window. Stored, so that a restart does not renew anyone's budget.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from '../base/object.ts';
import type { Log } from '../log.ts';
import { errnoOf, reasonOf } from '../system/errno.ts';
import { replaceFile } from '../system/whole-file.ts';

/** By the key's name. */
export type Amounts = Map<string, number>;

export interface Spending {
  /** Local, `2026-12-01`. */
  day: string;
  /** Of that day. */
  requests: Amounts;
  tokens: Amounts;
  week: {
    resetsAtMs: number | undefined;
    /** As last reported. Unknown after a restart: what other programs used meanwhile is no key's. */
    usedPercent: number | undefined;
    /** The key's share of it. */
    percents: Amounts;
    /** Tokens since `usedPercent` last rose: the next rise is divided by them. */
    tokens: Amounts;
  };
}

function nothingSpent(): Spending {
  const week = { resetsAtMs: undefined, usedPercent: undefined, percents: new Map(), tokens: new Map() };
  return { day: '', requests: new Map(), tokens: new Map(), week };
}

export function add(amounts: Amounts, name: string, more: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + more);
}

const flushMs = 1000;

/** The file of a daemon's spending; without a path, it is kept in memory. Written at most once a second. */
export class SpendingFile {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFailing = false;
  readonly spending: Spending;

  constructor(
    private readonly path: string | undefined,
    private readonly log: Log,
  ) {
    this.spending = path === undefined ? nothingSpent() : this.#read(path);
  }

  changed(): void {
    if (this.path === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.flush(), flushMs);
    this.#timer.unref();
  }

  flush(): void {
    if (this.path === undefined || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      replaceFile(
        this.path,
        JSON.stringify(this.spending, (_, value) => plainOf(value)),
        { mode: 0o600 },
      );
      this.#isFailing = false;
    } catch (thrown) {
      if (!this.#isFailing) {
        const why = reasonOf(thrown);
        this.log.warn('cannot save the usage of API keys; it will be lost on restart', {
          path: this.path,
          why,
        });
      }
      this.#isFailing = true;
    }
  }

  #read(path: string): Spending {
    try {
      const read = spendingOf(JSON.parse(readFileSync(path, 'utf8')));
      if (read !== undefined) return read;
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT') return nothingSpent();
    }
    this.log.warn('cannot read the usage of API keys; counting from zero', { path });
    return nothingSpent();
  }
}

function plainOf(value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

function spendingOf(value: unknown): Spending | undefined {
  if (!isObject(value) || typeof value.day !== 'string' || !isObject(value.week)) return undefined;
  const { week } = value;
  const amounts = [value.requests, value.tokens, week.percents, week.tokens].map(amountsOf);
  const [requests, tokens, percents, weekTokens] = amounts;
  if (!requests || !tokens || !percents || !weekTokens) return undefined;
  return {
    day: value.day,
    requests,
    tokens,
    week: {
      resetsAtMs: numberOf(week.resetsAtMs),
      usedPercent: undefined,
      percents,
      tokens: weekTokens,
    },
  };
}

function amountsOf(value: unknown): Amounts | undefined {
  const isPair = (pair: unknown): pair is [string, number] =>
    Array.isArray(pair) && typeof pair[0] === 'string' && Number.isFinite(pair[1]);
  return Array.isArray(value) && value.every(isPair) ? new Map(value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
