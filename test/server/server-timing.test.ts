// The `server-timing` header: what codexd itself took, and what it waited for.
import { describe, expect, test } from 'bun:test';
import { serverTiming } from '../../src/server/server-timing.ts';
import { type ScriptedResponse, turnOf } from '../upstream/support.ts';
import { chat, chatPath, testDaemon } from './support.ts';

/** Durations by name. */
function timesOf({ headers }: Response): Record<string, number> {
  const metrics = headers.get('server-timing')?.split(', ') ?? [];
  return Object.fromEntries(
    metrics.map((metric) => [metric.split(';dur=')[0], Number(metric.split('=')[1])]),
  );
}

test('the time that nothing was waited for is that of codexd', () => {
  expect(serverTiming({ body: 1, plan: 2.345, queue: 0, upstream: 100 }, 105.5)).toBe(
    'body;dur=1, plan;dur=2.35, queue;dur=0, upstream;dur=100, codexd;dur=4.5',
  );
  expect(serverTiming({}, 0.1)).toBe('codexd;dur=0.1');
});

describe('a turn', () => {
  test.each([true, false])('stream %p', async (stream) => {
    const slow: ScriptedResponse = async (request) => {
      await Bun.sleep(40);
      return turnOf('hello')(request);
    };
    await using daemon = testDaemon([slow]);
    const response = await daemon.post(chatPath, chat({ stream }));
    const times = timesOf(response);
    expect(Object.keys(times)).toEqual(['body', 'plan', 'queue', 'upstream', 'codexd']);
    expect(times.upstream).toBeGreaterThan(35);
    await response.text();
  });
});

test('failures have it too, with what was reached', async () => {
  await using daemon = testDaemon();
  expect(Object.keys(timesOf(await daemon.post(chatPath, 'not an object')))).toContain('codexd');
  expect(Object.keys(timesOf(await daemon.fetch('/health')))).toEqual(['codexd']);
  expect(Object.keys(timesOf(await daemon.fetch('/nowhere')))).toEqual(['codexd']);
});
