// What each key may use of a day and of the plan's week.
import { describe, expect, test } from 'bun:test';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../../src/failure.ts';
import type { KeyLimits } from '../../src/keys/api-key.ts';
import { KeyBudgets, type WeeklyWindow } from '../../src/keys/budgets.ts';
import { SpendingFile } from '../../src/keys/spending.ts';
import { createLog } from '../../src/log.ts';

const noon = new Date(2026, 11, 1, 12).getTime();
const midnight = new Date(2026, 11, 2).getTime();
const hourMs = 3_600_000;

function subject(path?: string) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) });
  const world: { nowMs: number; week: WeeklyWindow | undefined } = { nowMs: noon, week: undefined };
  const file = new SpendingFile(path, log);
  const budgets = new KeyBudgets({ file, nowMs: () => world.nowMs, weekly: () => world.week });
  const admit = (name: string, limits?: KeyLimits): Failure | undefined => {
    try {
      budgets.admit({ name, ...(limits === undefined ? {} : { limits }) });
      return undefined;
    } catch (thrown) {
      return thrown as Failure;
    }
  };
  const spend = (name: string, tokens: number) => budgets.spend({ name, limits: {} }, tokens);
  const reported = (usedPercent: number, resetsAtMs = noon + 48 * hourMs) => {
    world.week = { usedPercent, resetsAtMs };
    budgets.admit({ name: 'nobody' });
  };
  return { world, file, budgets, admit, spend, reported, lines };
}

describe('requests per day', () => {
  test('the one too many is refused until midnight, and says so', () => {
    const { admit } = subject();
    const limits = { perDay: 2 };
    expect([admit('phone', limits), admit('phone', limits)]).toEqual([undefined, undefined]);
    expect(admit('phone', limits)).toMatchObject({
      kind: 'rate_limited',
      code: 'key_limit_reached',
      retry: false,
      message: 'The key "phone" has used up its 2 requests for today.',
      advice: 'It resets at 2026-12-02 00:00 (in 12 h 0 min). `per_day` of the key sets this limit.',
      retryAfterMs: midnight - noon,
      details: { limit: 'per_day', resets_at: midnight / 1000 },
    });
  });

  test('restart at midnight; a refused request is not counted', () => {
    const { admit, world } = subject();
    const limits = { perDay: 1 };
    admit('phone', limits);
    for (let time = 0; time < 3; time++) expect(admit('phone', limits)).toBeDefined();
    world.nowMs = midnight;
    expect(admit('phone', limits)).toBeUndefined();
    expect(admit('phone', limits)).toBeDefined();
  });

  test('one key does not use up the budget of another, and callers without a key have none', () => {
    const { admit } = subject();
    admit('phone', { perDay: 1 });
    expect(admit('phone', { perDay: 1 })).toBeDefined();
    expect(admit('laptop', { perDay: 1 })).toBeUndefined();
    for (let time = 0; time < 10; time++) expect(admit('anonymous')).toBeUndefined();
  });
});

test('tokens per day are counted when a request has ended', () => {
  const { admit, spend } = subject();
  const limits = { tokensPerDay: 1000 };
  spend('phone', 999);
  expect(admit('phone', limits)).toBeUndefined();
  spend('phone', 1);
  expect(admit('phone', limits)?.message).toBe('The key "phone" has used up its 1000 tokens for today.');
  expect(admit('laptop', limits)).toBeUndefined();
});

describe('percent of the week', () => {
  const limits = { weeklyPercent: 3 };

  test('a rise of the plan is divided by tokens, and the refusal names the reset of the window', () => {
    const { admit, spend, reported } = subject();
    reported(40); // from before
    spend('phone', 3000);
    spend('laptop', 1000);
    reported(44);
    expect(admit('laptop', limits)).toBeUndefined();
    expect(admit('phone', limits)).toMatchObject({
      message: 'The key "phone" has used up its 3 percent of the plan\'s week.',
      retryAfterMs: 48 * hourMs,
      details: { limit: 'weekly_percent' },
    });
  });

  test('what callers without a key used is not counted for others', () => {
    const { admit, spend, budgets, reported } = subject();
    reported(10);
    spend('phone', 1000);
    budgets.spend({ name: 'anonymous' }, 3000);
    reported(14);
    expect(admit('phone', { weeklyPercent: 1.5 })).toBeUndefined();
    expect(admit('phone', { weeklyPercent: 1 })).toBeDefined();
  });

  test('a rise without a request is from another program', () => {
    const { admit, spend, reported } = subject();
    reported(10);
    reported(30);
    spend('phone', 1000);
    reported(31);
    expect(admit('phone', limits)).toBeUndefined();
  });

  test('reports that arrive late do not lower what was used', () => {
    const { admit, spend, reported } = subject();
    reported(10);
    spend('phone', 1000);
    reported(13);
    reported(12);
    reported(13);
    expect(admit('phone', limits)).toBeDefined();
  });

  test.each([
    ['after the reset', 49 * hourMs, noon + 200 * hourMs],
    ['after an early reset', hourMs, noon + 169 * hourMs],
  ])('restart %s', (_, laterMs, nextResetMs) => {
    const { admit, spend, reported, world } = subject();
    reported(10);
    spend('phone', 1000);
    reported(13);
    expect(admit('phone', limits)).toBeDefined();
    world.nowMs += laterMs;
    reported(1, nextResetMs);
    expect(admit('phone', limits)).toBeUndefined();
  });
});

describe('a restart', () => {
  const path = () => join(mkdtempSync(join(tmpdir(), 'codexd-budgets-')), 'state/key-usage.json');

  test('forgets nothing', () => {
    const file = path();
    const before = subject(file);
    before.reported(10);
    before.admit('phone', { perDay: 5 });
    before.spend('phone', 700);
    before.reported(13);
    before.file.flush();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { admit, reported } = subject(file);
    reported(50); // used elsewhere, while the daemon did not run
    expect(admit('phone', { perDay: 1 })).toBeDefined();
    expect(admit('phone', { tokensPerDay: 700 })).toBeDefined();
    expect(admit('phone', { weeklyPercent: 3 })).toBeDefined();
    expect(admit('phone', { perDay: 2, tokensPerDay: 701, weeklyPercent: 4 })).toBeUndefined();
  });

  test.each(['', '{"day":1}', '[]', '{"day":"x","week":{},"requests":[["a"]]}'])(
    'with a damaged file %j counts from zero and says so',
    (text) => {
      const file = join(mkdtempSync(join(tmpdir(), 'codexd-budgets-')), 'key-usage.json');
      writeFileSync(file, text);
      const { admit, lines } = subject(file);
      expect(admit('phone', { perDay: 1 })).toBeUndefined();
      expect(lines.join()).toContain('cannot read the usage');
    },
  );

  test('a file that cannot be written is reported once, and counting goes on', () => {
    const { admit, file, lines } = subject('/dev/null/key-usage.json');
    for (let time = 0; time < 3; time++) {
      admit('phone', { perDay: 3 });
      file.flush();
    }
    expect(admit('phone', { perDay: 3 })).toBeDefined();
    expect(lines.filter((line) => line.includes('cannot save')).length).toBe(1);
  });
});
