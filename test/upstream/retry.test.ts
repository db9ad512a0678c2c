// Whether and when to retry (docs/wire/upstream.md#retries).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { retryDelayMs } from '../../src/upstream/retry.ts';

const options = { retries: 3, budgetMs: 30_000 };
const broken = new Failure('upstream_broke', 'x');
const waiting = (retryAfterMs: number) => new Failure('rate_limited', 'x', { retryAfterMs });
const final = new Failure('rate_limited', 'x', { retry: false, retryAfterMs: 1 });

const rows: [
  name: string,
  failure: Failure,
  attempt: number,
  elapsedMs: number,
  delayMs: number | undefined,
][] = [
  ['the first delay', broken, 1, 0, 200],
  ['doubles', broken, 2, 300, 400],
  ['and again', broken, 3, 800, 800],
  ['until the attempts are used up', broken, 4, 2000, undefined],
  ['a wait that is longer than the delay', waiting(5000), 1, 0, 5000],
  ['a wait that is shorter than the delay', waiting(1), 1, 0, 200],
  ['a wait that just fits the budget', waiting(20_000), 1, 10_000, 20_000],
  ['a wait beyond the budget: the client is told instead', waiting(20_001), 1, 10_000, undefined],
  ['a wait of hours', waiting(36_640_000), 1, 0, undefined],
  ['a budget used up by slow attempts', broken, 1, 29_801, undefined],
  ['what would fail again', final, 1, 0, undefined],
  ['a bug', new Failure('bug', 'x'), 1, 0, undefined],
  ['a client that left', new Failure('cancelled', 'x'), 1, 0, undefined],
  ['a login that is needed', new Failure('login_required', 'x'), 1, 0, undefined],
  ['a request that is wrong', new Failure('invalid_request', 'x'), 1, 0, undefined],
];

describe('delay', () => {
  test.each(rows)('%s', (_, failure, attempt, elapsedMs, delayMs) => {
    expect(retryDelayMs(failure, { attempt, elapsedMs }, options, 0.5)).toBe(delayMs as number);
  });

  test('a schedule of one’s own', () => {
    const backoffMs = (attempt: number) => attempt * 1000;
    const delays = [1, 2].map((attempt) =>
      retryDelayMs(broken, { attempt, elapsedMs: 0 }, { ...options, backoffMs }, 0.5),
    );
    expect(delays).toEqual([1000, 2000]);
  });

  test('jitter is a tenth to both sides, so that many clients do not come back at once', () => {
    const delay = (random: number) => retryDelayMs(broken, { attempt: 1, elapsedMs: 0 }, options, random);
    expect(delay(0)).toBeCloseTo(180);
    expect(delay(0.999_999)).toBeCloseTo(220, 2);
  });

  test('no retries, no budget: no second attempt', () => {
    const first = { attempt: 1, elapsedMs: 0 };
    expect(retryDelayMs(broken, first, { ...options, retries: 0 }, 0.5)).toBeUndefined();
    expect(retryDelayMs(broken, first, { ...options, budgetMs: 0 }, 0.5)).toBeUndefined();
  });
});
