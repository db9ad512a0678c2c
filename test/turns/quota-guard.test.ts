// New turns while the plan is nearly used up.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { QuotaGuard, type QuotaGuardOptions } from '../../src/turns/quota-guard.ts';
import type { NamedWindow } from '../../src/upstream/quota.ts';

const startMs = new Date(2026, 11, 1, 12).getTime();

function guard(options: Partial<QuotaGuardOptions> = {}) {
  const world = { nowMs: startMs, windows: [] as NamedWindow[], refreshes: 0 };
  const subject = new QuotaGuard({
    stopAt: 90,
    holdMs: 0,
    waiting: 1,
    windows: () => world.windows,
    refresh: async () => void world.refreshes++,
    nowMs: () => world.nowMs,
    sleep: () => new Promise(() => {}),
    ...options,
  });
  const refusal = () =>
    subject.waitMs().then(
      () => undefined,
      (thrown) => thrown as Failure,
    );
  return { world, subject, refusal };
}

const week = (usedPercent: number, inMs: number): NamedWindow => ({
  label: 'weekly',
  windowMinutes: 10_080,
  usedPercent,
  resetsAtMs: startMs + inMs,
});
const fiveHours = (usedPercent: number, inMs: number): NamedWindow => ({
  ...week(usedPercent, inMs),
  label: '5 h',
  windowMinutes: 300,
});

describe('quota.stop_at', () => {
  test('refuses turns from that percent on, with the window and its reset', async () => {
    const { world, subject, refusal } = guard();
    world.windows = [fiveHours(12, 60_000), week(89.9, 3_600_000)];
    expect(await subject.waitMs()).toBe(0);
    world.windows = [fiveHours(12, 60_000), week(90, 3_600_000)];
    expect(await refusal()).toMatchObject({
      kind: 'rate_limited',
      code: 'quota_stop',
      retry: false,
      message: "90 % of the plan's weekly window are used, and `quota.stop_at` is 90.",
      advice: 'It resets at 13:00 (in 1 h 0 min). Wait, or raise `quota.stop_at`.',
      retryAfterMs: 3_600_000,
      details: { resets_at: startMs / 1000 + 3600 },
    });
  });

  test('of two full windows, names the one that resets last', async () => {
    const { world, refusal } = guard();
    world.windows = [fiveHours(100, 60_000), week(95, 3_600_000)];
    expect((await refusal())?.message).toContain('weekly');
  });

  test('0 never refuses and never asks', async () => {
    const { world, subject } = guard({ stopAt: 0 });
    world.windows = [week(100, 60_000)];
    expect([await subject.waitMs(), world.refreshes]).toEqual([0, 0]);
  });

  test('asks the upstream before the first turn, and once a minute while it refuses: a reset may come early', async () => {
    const { world, subject, refusal } = guard({
      refresh: async () => {
        world.refreshes++;
        world.windows = [week(world.refreshes < 3 ? 95 : 2, 3_600_000)];
      },
    });
    expect((await refusal())?.code).toBe('quota_stop');
    expect((await refusal())?.code).toBe('quota_stop');
    expect(world.refreshes).toBe(1);
    world.nowMs += 60_000;
    expect((await refusal())?.code).toBe('quota_stop');
    world.nowMs += 60_000;
    expect([await subject.waitMs(), world.refreshes]).toEqual([0, 3]);
  });

  test('an upstream that does not report a quota does not stop anything', async () => {
    const { subject } = guard({ refresh: () => Promise.reject(new Error('offline')) });
    expect(await subject.waitMs()).toBe(0);
  });
});

describe('quota.hold', () => {
  test('waits for a reset within the limit, and refuses for a later one', async () => {
    const { world, subject, refusal } = guard({ holdMs: 60_000 });
    world.windows = [week(90, 59_000)];
    expect(await subject.waitMs()).toBe(60_000);
    world.windows = [week(90, 59_001)];
    expect((await refusal())?.code).toBe('quota_stop');
  });

  test('also after a refusal of the upstream, but only one for the plan', () => {
    const { subject } = guard({ holdMs: 60_000, stopAt: 0 });
    const refused = (code: string, retryAfterMs?: number) =>
      new Failure('rate_limited', 'No.', { code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    expect(subject.waitAfter(refused('usage_limit_reached', 5000))).toBe(6000);
    expect(subject.waitAfter(refused('usage_limit_reached', 60_000))).toBeUndefined();
    expect(subject.waitAfter(refused('usage_limit_reached'))).toBeUndefined();
    expect(subject.waitAfter(refused('rate_limit_exceeded', 5000))).toBeUndefined();
    expect(subject.waitAfter(new Error('other'))).toBeUndefined();
  });

  test('only so many turns wait at once', async () => {
    const { subject } = guard({ holdMs: 60_000 });
    const { signal } = new AbortController();
    void subject.hold(1000, signal);
    const refused = await subject.hold(1000, signal).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'server_busy', retryAfterMs: 1000 });
  });
});
