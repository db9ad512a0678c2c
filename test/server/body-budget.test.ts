// The memory for request bodies is limited: further ones wait briefly, then are rejected with a retry time.
import { describe, expect, test } from 'bun:test';
import { BodyBudget } from '../../src/server/body-budget.ts';
import { until } from '../support/until.ts';
import { turnOf } from '../upstream/support.ts';
import { chat, chatPath, connectRaw, httpRequest, testDaemon } from './support.ts';

const mib = 1024 * 1024;
const never = new AbortController().signal;

describe('the budget', () => {
  test('what fits is given at once, and given back once', async () => {
    const budget = new BodyBudget(3 * mib);
    const give = await budget.take(2 * mib, never);
    await budget.take(mib, never);
    expect(budget.heldBytes).toBe(3 * mib);
    give();
    give();
    expect(budget.heldBytes).toBe(mib);
  });

  test('more waits in order, so that a large body is not overtaken', async () => {
    const budget = new BodyBudget(3 * mib);
    const give = await budget.take(2 * mib, never);
    const order: string[] = [];
    const large = budget.take(3 * mib, never).then((back) => {
      order.push('large');
      back();
    });
    const small = budget.take(mib, never).then((back) => {
      order.push('small');
      back();
    });
    give();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
    expect(budget.heldBytes).toBe(0);
  });

  test('who waits too long is refused, and the next one starts', async () => {
    const budget = new BodyBudget(3 * mib, 20);
    await budget.take(2 * mib, never);
    const large = budget.take(3 * mib, never);
    const small = budget.take(mib, never);
    await expect(large).rejects.toMatchObject({
      kind: 'unavailable',
      status: 503,
      code: 'body_memory_full',
      retry: true,
      retryAfterMs: 2000,
    });
    (await small)();
    expect(budget.heldBytes).toBe(2 * mib);
  });

  test('who leaves while waiting holds nothing', async () => {
    const budget = new BodyBudget(mib);
    const give = await budget.take(mib, never);
    const leaving = new AbortController();
    const waiting = budget.take(mib, leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    give();
    expect(budget.heldBytes).toBe(0);
  });

  test('a body larger than all of it fits alone, a small one always', async () => {
    const budget = new BodyBudget(mib, 20);
    const give = await budget.take(5 * mib, never);
    await budget.take(1000, never);
    await expect(budget.take(mib, never)).rejects.toMatchObject({ status: 503 });
    give();
    expect(budget.heldBytes).toBe(0);
  });
});

describe('a daemon', () => {
  const large = JSON.stringify(chat({ messages: [{ role: 'user', content: 'x'.repeat(400_000) }] }));

  test('a second large body is read when the first request has ended', async () => {
    const firstTurn = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const good = turnOf('plain-text');
    const first = async (...given: Parameters<typeof good>) => {
      firstTurn.resolve();
      await held.promise;
      return good(...given);
    };
    await using daemon = testDaemon([first as typeof good, good], { bodyMemoryBytes: 500_000 });
    const one = daemon.post(chatPath, large);
    await firstTurn.promise;
    const two = daemon.post(chatPath, large);
    expect((await daemon.post(chatPath, '{}')).status).toBe(400); // small ones are not affected
    expect(daemon.world.sent).toHaveLength(1);
    held.resolve();
    expect([(await one).status, (await two).status]).toEqual([200, 200]);
    expect(daemon.world.sent).toHaveLength(2);
  });

  test.concurrent.each([
    ['declared', {}],
    ['chunked', { 'transfer-encoding': 'chunked' }],
  ])(
    'one that waits in vain (%s) gets 503 and may come again',
    async (_, headers) => {
      await using daemon = testDaemon([], { bodyMemoryBytes: 500_000 });
      const holder = await connectRaw(daemon.url);
      // Half of a body with a declared length; the rest never arrives.
      holder.write(httpRequest('POST', chatPath, { 'content-length': '490000' }, large.slice(0, 1000)));
      const isChunked = 'transfer-encoding' in headers;
      await until(() => daemon.daemon.running > 0);
      const refused = await daemon.fetch(chatPath, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: isChunked ? new Blob([large]).stream() : large,
      });
      expect([
        refused.status,
        refused.headers.get('retry-after'),
        refused.headers.get('x-should-retry'),
      ]).toEqual([503, '2', 'true']);
      expect(await refused.json()).toMatchObject({ error: { code: 'body_memory_full' } });
      holder.leave();
    },
    20_000,
  );
});
