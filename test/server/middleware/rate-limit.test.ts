// Requests per minute and key.
import { describe, expect, test } from 'bun:test';
import type { Failure } from '../../../src/failure.ts';
import { RateLimit } from '../../../src/server/middleware/rate-limit.ts';

function limit() {
  const clock = { nowMs: 1000 };
  const subject = new RateLimit(() => clock.nowMs);
  const taken = (name: string, perMinute: number, times = 1): Failure | undefined => {
    for (let time = 0; time < times; time++) {
      try {
        subject.take(name, perMinute);
      } catch (thrown) {
        return thrown as Failure;
      }
    }
    return undefined;
  };
  return { clock, taken };
}

describe('a bucket', () => {
  test('allows a burst, then says how long to wait', () => {
    const { taken } = limit();
    expect(taken('laptop', 60, 60)).toBeUndefined();
    expect(taken('laptop', 60)).toMatchObject({
      kind: 'rate_limited',
      status: 429,
      code: 'rate_limit_exceeded',
      retryAfterMs: 1000,
      message: 'The key "laptop" is limited to 60 requests per minute.',
    });
  });

  test('fills evenly; the wait it names is long enough and not longer', () => {
    const { taken, clock } = limit();
    taken('laptop', 6, 6);
    clock.nowMs += 4000;
    expect(taken('laptop', 6)?.retryAfterMs).toBe(6000);
    clock.nowMs += 5999;
    expect(taken('laptop', 6)?.retryAfterMs).toBeCloseTo(1);
    clock.nowMs += 1;
    expect(taken('laptop', 6)).toBeUndefined();
    expect(taken('laptop', 6)).toBeDefined();
  });

  test('a refused request costs nothing', () => {
    const { taken, clock } = limit();
    taken('laptop', 1);
    for (let time = 0; time < 10; time++) taken('laptop', 1);
    clock.nowMs += 60_000;
    expect(taken('laptop', 1)).toBeUndefined();
  });

  test('never holds more than a minute', () => {
    const { taken, clock } = limit();
    taken('laptop', 2);
    clock.nowMs += 86_400_000;
    expect(taken('laptop', 2, 2)).toBeUndefined();
    expect(taken('laptop', 2)).toBeDefined();
  });

  test('every key has its own; 0 is no limit', () => {
    const { taken } = limit();
    taken('laptop', 1);
    expect(taken('desk', 1)).toBeUndefined();
    expect(taken('laptop', 1)).toBeDefined();
    expect(taken('anybody', 0, 1000)).toBeUndefined();
  });
});
