// The plan's limits as Claude Code 2.1.332 reads them.
import { describe, expect, test } from 'bun:test';
import { limitHeaders, windowHeaders } from '../../../src/apis/anthropic/plan-limits.ts';
import { Failure } from '../../../src/failure.ts';

const window = (windowMinutes: number, usedPercent: number, resetsAtMs?: number) => ({
  windowMinutes,
  usedPercent,
  resetsAtMs,
});
const fiveHoursReset = 1_795_190_000_500;
const weekReset = 1_795_600_000_000;
const windows = [window(300, 12, fiveHoursReset), window(10_080, 100, weekReset)];

/** Without their common prefix. */
function short(headers: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      expect(name).toStartWith('anthropic-ratelimit-unified-');
      return [name.slice('anthropic-ratelimit-unified-'.length), value];
    }),
  );
}

describe('an answer', () => {
  test('has five hours and a week; the fuller one represents both', () => {
    expect(short(windowHeaders([window(300, 42, fiveHoursReset), window(10_080, 91.5, weekReset)]))).toEqual({
      status: 'allowed_warning',
      'representative-claim': 'seven_day',
      reset: '1795600000',
      '5h-utilization': '0.42',
      '5h-reset': '1795190001',
      '5h-status': 'allowed',
      '7d-utilization': '0.915',
      '7d-reset': '1795600000',
      '7d-status': 'allowed_warning',
      '7d-surpassed-threshold': '0.9',
    });
  });

  test.each([
    [0, 'allowed'],
    [89.9, 'allowed'],
    [90, 'allowed_warning'],
    [100, 'allowed_warning'], // the request succeeded, for example because of credits
  ])('at %p percent the status is %s', (usedPercent, status) => {
    expect(short(windowHeaders([window(300, usedPercent)]))).toMatchObject({
      status,
      '5h-status': status,
      '5h-utilization': String(usedPercent / 100),
    });
  });

  test('has nothing about windows that Anthropic has no name for, nor about counts', () => {
    expect(windowHeaders([window(43_200, 99)])).toEqual({});
    expect(windowHeaders([])).toEqual({});
    expect(Object.keys(windowHeaders([window(300, 1)])).join()).not.toMatch(/requests|tokens/);
  });
});

describe('a 429', () => {
  const used = (details: Record<string, number> = {}, retryAfterMs?: number) =>
    new Failure('rate_limited', 'Used up.', {
      code: 'usage_limit_reached',
      details,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });

  test("of the plan names the window that resets when the upstream says, and only that one's status is rejected", () => {
    const headers = short(limitHeaders(used({ resets_at: fiveHoursReset / 1000 }), windows));
    expect(headers).toMatchObject({
      status: 'rejected',
      'representative-claim': 'five_hour',
      '5h-status': 'rejected',
      '7d-status': 'allowed_warning',
    });
    expect(headers.reset).toBe('1795190001');
  });

  test('of the plan without a time names the full window', () => {
    expect(short(limitHeaders(used(), windows))).toMatchObject({
      status: 'rejected',
      'representative-claim': 'seven_day',
      '7d-status': 'rejected',
      '5h-status': 'allowed',
      reset: '1795600000',
    });
  });

  const hour = 3_600_000;
  test.each([
    [2 * hour, 'five_hour'],
    [100 * hour, 'seven_day'],
    [300 * hour, undefined],
    [undefined, undefined],
  ])('of the plan whose windows are not known: a wait of %p ms is %p', (waitMs, claim) => {
    const headers = short(limitHeaders(used({}, waitMs), []));
    expect(headers['representative-claim']).toBe(claim as string);
    expect(headers.status).toBe((claim && 'rejected') as string);
  });

  test.each([
    ['rate_limited', 'rate_limit_exceeded'],
    ['rate_limited', 'queue_full'],
    ['rate_limited', 'insufficient_quota'],
    ['unavailable', 'server_is_overloaded'],
  ] as const)('%s with the code %s is not of the plan and has none', (kind, code) => {
    const failure = new Failure(kind, 'No.', { code, retryAfterMs: 1000 });
    expect(limitHeaders(failure, windows)).toEqual({});
  });
});
