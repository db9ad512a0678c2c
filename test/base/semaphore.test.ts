import { expect, test } from 'bun:test';
import { Semaphore } from '../../src/base/semaphore.ts';

const never = new AbortController().signal;

test('no more jobs at once than there are slots, in the order of their arrival', async () => {
  const slots = new Semaphore(2);
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const jobs = gates.map((gate, index) =>
    slots.run(never, () => {
      started.push(index);
      return gate.promise;
    }),
  );
  await Bun.sleep(0);
  expect(started).toEqual([0, 1]);
  gates[1]!.resolve();
  await jobs[1];
  await Bun.sleep(0);
  expect(started).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.all(jobs);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('a job that fails gives its slot back', async () => {
  const slots = new Semaphore(1);
  const failed = slots.run(never, () => Promise.reject(new Error('no')));
  expect(failed).rejects.toThrow('no');
  expect(await slots.run(never, () => Promise.resolve('next'))).toBe('next');
});

test('whoever leaves while waiting gives way and does not run', async () => {
  const slots = new Semaphore(1);
  const gate = Promise.withResolvers<void>();
  const first = slots.run(never, () => gate.promise);
  const leaver = new AbortController();
  let ran = false;
  const waiting = slots.run(leaver.signal, async () => {
    ran = true;
  });
  const after = slots.run(never, () => Promise.resolve('after'));
  leaver.abort(new Error('left'));
  expect(waiting).rejects.toThrow('left');
  gate.resolve();
  await first;
  expect(await after).toBe('after');
  expect(ran).toBe(false);
});
