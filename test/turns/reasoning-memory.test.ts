// What is kept, how long, and for which caller.
import { describe, expect, test } from 'bun:test';
import { memoryLimits, ReasoningMemory } from '../../src/turns/reasoning-memory.ts';
import { stepOf } from '../../src/turns/step.ts';
import { answer } from './support.ts';

const owner = { account: 'account', caller: 'laptop', model: 'gpt-6-sol' };
const clock = { nowMs: 0 };
const stepWith = (blob: string) => stepOf(answer(`rs:${blob}`, `call_${blob}`));

function memoryOf(limits: Partial<typeof memoryLimits> = {}) {
  const memory = new ReasoningMemory({ ...memoryLimits, ...limits }, () => clock.nowMs);
  const store = memory.storeFor(owner);
  const add = (name: string) => store.add(stepWith(name), [`call_${name}`], undefined);
  const has = (name: string) => store.find(`call_${name}`) !== undefined;
  return { memory, store, add, has };
}

describe('scope', () => {
  test.each([
    [{}, true],
    [{ account: 'other' }, false],
    [{ caller: 'phone' }, false],
    [{ model: 'gpt-6-luna' }, false],
  ])('with %j it is found: %p', (other, finds) => {
    const { memory, add } = memoryOf();
    add('a');
    expect(memory.storeFor({ ...owner, ...other }).find('call_a') !== undefined).toBe(finds);
  });
});

describe('limits', () => {
  test('beyond the number of steps the least recently used one goes', () => {
    const { memory, add, has } = memoryOf({ steps: 2 });
    add('a');
    add('b');
    expect(has('a')).toBeTrue(); // used
    add('c');
    expect([has('a'), has('b'), has('c')]).toEqual([true, false, true]);
    expect(memory.size).toBe(2);
  });

  test('so it is beyond the number of bytes, and one step that is too large by itself is not kept', () => {
    const { memory, add, has } = memoryOf({ bytes: 3000 });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) add(name);
    expect(has('a')).toBeFalse();
    expect(has('g')).toBeTrue();
    add('x'.repeat(4000));
    expect(memory.size).toBe(0);
  });

  test('what was not used for long is forgotten', () => {
    const { memory, add, has } = memoryOf({ ttlMs: 1000 });
    add('a');
    clock.nowMs += 900;
    expect(has('a')).toBeTrue();
    clock.nowMs += 900;
    expect(has('a')).toBeTrue();
    clock.nowMs += 1001;
    add('b');
    expect(memory.size).toBe(1);
    clock.nowMs += 1001;
    expect(has('b')).toBeFalse();
    expect(memory.size).toBe(0);
  });
});

describe('keys', () => {
  test('an id is its newest step’s, a position its first step’s', () => {
    const { store } = memoryOf();
    const [one, two] = [stepWith('a'), stepWith('a')];
    store.add(one, ['call_a'], 'position');
    store.add(two, ['call_a'], 'position');
    expect(store.find('call_a')).toBe(two);
    expect(store.find('position')).toBe(one);
  });
});
