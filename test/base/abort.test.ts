import { expect, test } from 'bun:test';
import { onAbort, raceAbort } from '../../src/base/abort.ts';

test('the listener is called once, when the signal aborts', () => {
  const controller = new AbortController();
  let calls = 0;
  onAbort(controller.signal, () => calls++);
  expect(calls).toBe(0);
  controller.abort();
  controller.signal.dispatchEvent(new Event('abort'));
  expect(calls).toBe(1);
});

test('of a signal that has aborted, it is called immediately', () => {
  let calls = 0;
  onAbort(AbortSignal.abort(), () => calls++)();
  expect(calls).toBe(1);
});

test('a listener that was stopped is not called', () => {
  const controller = new AbortController();
  let calls = 0;
  onAbort(controller.signal, () => calls++)();
  controller.abort();
  expect(calls).toBe(0);
});

test("an abort rejects with the signal's reason; the work goes on", async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<string>();
  const raced = raceAbort(work.promise, controller.signal);
  controller.abort(new Error('gone'));
  await expect(raced).rejects.toThrow('gone');
  work.resolve('done');
  expect(await work.promise).toBe('done');
});

test('without an abort it settles as the promise does', async () => {
  const { signal } = new AbortController();
  expect(await raceAbort(Promise.resolve(1), signal)).toBe(1);
  await expect(raceAbort(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
});
