import { expect, test } from 'bun:test';
import { AttemptLimit } from '../../src/gateway/attempt-limit.ts';

function limitAt() {
  const clock = { ms: 0 };
  const limit = new AttemptLimit({ attempts: 2, windowMs: 60_000, nowMs: () => clock.ms });
  const attempt = (address: string) => {
    limit.check(address);
    limit.count(address);
  };
  return { clock, attempt };
}

test('an address has so many attempts, and new ones in the next window', () => {
  const { clock, attempt } = limitAt();
  attempt('a');
  attempt('a');
  expect(() => attempt('a')).toThrow('Too many attempts');
  attempt('b');
  clock.ms += 60_000;
  attempt('a');
});

test('addresses beyond the bound of the memory wait', () => {
  const { clock, attempt } = limitAt();
  for (let index = 0; index < 10_000; index++) attempt(String(index));
  expect(() => attempt('another')).toThrow('Too many attempts');
  attempt('5');
  clock.ms += 60_000;
  attempt('another');
});
