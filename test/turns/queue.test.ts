// How many turns run concurrently, and how many may wait.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { Queue } from '../../src/turns/queue.ts';

const stay = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

async function failureOf(entering: Promise<unknown>): Promise<Failure> {
  const outcome = await entering.catch((thrown: unknown) => thrown);
  if (outcome instanceof Failure) return outcome;
  throw new Error('expected a Failure', { cause: outcome });
}

describe('places', () => {
  test('as many as there are, then in the order of arrival', async () => {
    const queue = new Queue({ concurrency: 2, waiting: 10, timeoutMs: 1000 });
    const leaves = [await queue.enter(stay), await queue.enter(stay)];
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      const leave = await queue.enter(stay);
      order.push(number);
      return leave;
    });
    await tick();
    expect([queue.running, order]).toEqual([2, []]);
    leaves[1]?.();
    await tick();
    expect([queue.running, order]).toEqual([2, [1]]);
    leaves[0]?.();
    (await waiting[0])?.();
    await tick();
    expect(order).toEqual([1, 2, 3]);
    for (const leave of await Promise.all(waiting)) leave();
    expect(queue.running).toBe(0);
  });

  test('a place is given back once, however often it is left', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 1, timeoutMs: 1000 });
    const leave = await queue.enter(stay);
    leave();
    leave();
    expect(queue.running).toBe(0);
    const next = await queue.enter(stay);
    leave();
    expect(queue.running).toBe(1);
    next();
  });

  test('a full queue is a 429 with a wait', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 1, timeoutMs: 1000 });
    const leave = await queue.enter(stay);
    const waiting = queue.enter(stay);
    expect(await failureOf(queue.enter(stay))).toMatchObject({
      kind: 'rate_limited',
      status: 429,
      code: 'server_busy',
      retry: true,
      retryAfterMs: 1000,
    });
    leave();
    (await waiting)();
    expect(queue.running).toBe(0);
  });

  test('no waiting at all', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 0, timeoutMs: 1000 });
    const leave = await queue.enter(stay);
    expect((await failureOf(queue.enter(stay))).kind).toBe('rate_limited');
    leave();
    (await queue.enter(stay))();
  });

  test('waiting has an end', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 5, timeoutMs: 3 });
    const leave = await queue.enter(stay);
    expect(await failureOf(queue.enter(stay))).toMatchObject({ kind: 'rate_limited', code: 'server_busy' });
    leave();
    expect(queue.running).toBe(0);
  });
});

describe('whoever leaves the queue', () => {
  const left = new Failure('cancelled', 'The client disconnected.');

  test('frees the seat of a waiter and takes no place', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 1, timeoutMs: 1000 });
    const leave = await queue.enter(stay);
    const client = new AbortController();
    const waiting = failureOf(queue.enter(client.signal));
    client.abort(left);
    expect(await waiting).toBe(left);
    const next = queue.enter(stay);
    leave();
    (await next)();
    expect(queue.running).toBe(0);
  });

  test('before entering: neither waits nor takes a place that is free', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 1, timeoutMs: 1000 });
    expect(await failureOf(queue.enter(AbortSignal.abort(left)))).toBe(left);
    expect(queue.running).toBe(0);
    const leave = await queue.enter(stay);
    expect(await failureOf(queue.enter(AbortSignal.abort(left)))).toBe(left);
    leave();
    expect(queue.running).toBe(0);
  });

  test('at the very moment a place becomes free: the place is not lost', async () => {
    const queue = new Queue({ concurrency: 1, waiting: 5, timeoutMs: 1000 });
    const leave = await queue.enter(stay);
    const client = new AbortController();
    const waiting = queue.enter(client.signal);
    leave();
    client.abort(left);
    const place = await waiting;
    expect(queue.running).toBe(1);
    place();
    expect(queue.running).toBe(0);
  });
});

test('whatever happens, nobody runs above the limit and no place is lost', async () => {
  const queue = new Queue({ concurrency: 3, waiting: 20, timeoutMs: 1000 });
  let running = 0;
  let most = 0;
  const visits = Array.from({ length: 200 }, async (_, number) => {
    const client = new AbortController();
    if (number % 5 === 0) setImmediate(() => client.abort(new Failure('cancelled', 'x')));
    for (let turns = 0; turns < number % 7; turns++) await tick();
    try {
      const leave = await queue.enter(client.signal);
      running++;
      most = Math.max(most, running);
      await tick();
      running--;
      leave();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Failure);
    }
  });
  await Promise.all(visits);
  expect(most).toBe(3);
  expect(queue.running).toBe(0);
});
