// How a client's history is completed: reasoning restored, references resolved, results added to calls.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import type { InputItem } from '../../src/responses/request.ts';
import { completeHistory } from '../../src/turns/history.ts';
import { rememberReasoning } from '../../src/turns/reasoning.ts';
import { memoryLimits, ReasoningMemory, type ReasoningStore } from '../../src/turns/reasoning-memory.ts';
import { answer, call, custom, output, reasoning, reference, said, user } from './support.ts';

const question = user('Which?');

function emptyStore(): ReasoningStore {
  return new ReasoningMemory(memoryLimits, () => 0).storeFor({
    account: 'account',
    caller: 'anonymous',
    model: 'gpt-6-sol',
  });
}

/** A store that has seen `answers` to these inputs. */
function storeOf(...turns: [input: InputItem[], answer: string[]][]): ReasoningStore {
  const store = emptyStore();
  for (const [input, items] of turns) rememberReasoning(input, answer(...items), store);
  return store;
}

function completed(input: InputItem[], store?: ReasoningStore): InputItem[] {
  return completeHistory(input, store).input;
}

describe('reasoning by call id', () => {
  test('stands before the call it led to', () => {
    const store = storeOf([[question], ['rs:one', 'call_x']]);
    expect(completed([question, call('call_x'), output('call_x')], store)).toEqual([
      question,
      reasoning('one'),
      call('call_x'),
      output('call_x'),
    ]);
  });

  test('keeps the order of the answer: before the text, and between text and calls', () => {
    const store = storeOf([[question], ['rs:one', 'text', 'rs:two', 'call_x', 'rs:three', 'call_y']]);
    const history = [
      question,
      said('I look.'),
      call('call_x'),
      call('call_y'),
      output('call_y'),
      output('call_x'),
    ];
    expect(completed(history, store).slice(1, 7)).toEqual([
      reasoning('one'),
      said('I look.'),
      reasoning('two'),
      call('call_x'),
      reasoning('three'),
      call('call_y'),
    ]);
  });

  test('stands before the calls when the client left the text out', () => {
    const store = storeOf([[question], ['rs:one', 'text', 'call_x']]);
    expect(completed([question, call('call_x'), output('call_x')], store)[1]).toEqual(reasoning('one'));
  });

  test('is inserted once for parallel calls, however the client pairs them with their results', () => {
    const store = storeOf([[question], ['rs:one', 'call_x', 'call_y']]);
    const together = [question, call('call_x'), call('call_y'), output('call_x'), output('call_y')];
    const apart = [question, call('call_x'), output('call_x'), call('call_y'), output('call_y')];
    for (const history of [together, apart]) {
      expect(completed(history, store)).toEqual([question, reasoning('one'), ...history.slice(1)]);
    }
  });

  test('stands before the first call, also of a client that changes the order of parallel calls', () => {
    const store = storeOf([[question], ['rs:one', 'text', 'rs:two', 'call_x', 'rs:three', 'call_y']]);
    const history = [
      question,
      said('I look.'),
      call('call_y'),
      call('call_x'),
      output('call_x'),
      output('call_y'),
    ];
    expect(completed(history, store).slice(1, 7)).toEqual([
      reasoning('one'),
      said('I look.'),
      reasoning('two'),
      reasoning('three'),
      call('call_y'),
      call('call_x'),
    ]);
  });

  test('also before calls of custom tools', () => {
    const store = emptyStore();
    const shell = {
      type: 'custom_tool_call' as const,
      id: 'ctc_1',
      call_id: 'call_x',
      name: 'shell',
      input: 'x',
    };
    rememberReasoning([question], [...answer('rs:one'), shell], store);
    const history = [question, custom('call_x'), output('call_x', 'r', 'custom_tool_call_output')];
    expect(completed(history, store)[1]).toEqual(reasoning('one'));
  });

  test('is left to a client that keeps it', () => {
    const store = storeOf([[question], ['rs:one', 'call_x']]);
    const history = [question, reasoning('own'), call('call_x'), output('call_x')];
    expect(completed(history, store)).toEqual(history);
  });

  test('does not stand before a call of another function with the same id', () => {
    const store = storeOf([[question], ['rs:one', 'call_x']]);
    const history = [user('Another.'), call('call_x', 'g'), output('call_x')];
    expect(completed(history, store)).toEqual(history);
  });

  test('of an answer without calls is not put back by position', () => {
    const store = storeOf([[question], ['rs:one', 'text']]);
    const history = [question, said('This.'), user('Why?')];
    expect(completed(history, store)).toEqual(history);
  });
});

test('the restored steps are returned, and can be forgotten when the upstream cannot read them', () => {
  const store = storeOf([[question], ['rs:one', 'call_x']], [[question], ['rs:two', 'text']]);
  const history = [question, call('call_x'), output('call_x'), reference('rs_two'), said('This.')];
  const { restored } = completeHistory(history, store);
  expect(restored).toHaveLength(2);
  restored.forEach(store.forget);
  expect(completed([question, call('call_x'), output('call_x')], store)).toHaveLength(3);
});

describe('reasoning by position, for clients without ids', () => {
  const step = (n: number, args?: string) => [call(`call_${n}`, 'f', args), output(`call_${n}`)];

  test.each([
    ['the same arguments', '{"a":1,"b":"x"}', '{"a":1,"b":"x"}'],
    ['another order and spacing', '{"b": "x", "a": 1}', '{"a":1,"b":"x"}'],
    ['another spelling of numbers', '{"a":1.0}', '{"a":1}'],
    ['empty values left out', '{"a":1,"b":"","c":null,"d":[],"e":false}', '{"a":1}'],
    ['texts that hold JSON decoded', '{"a":"[1,2]"}', '{"a":[1,2]}'],
    ['arguments that are not JSON', 'x', 'x'],
  ])('%s', (_, made, sent) => {
    const store = storeOf([[question], ['rs:one', `call_real f ${made.replaceAll(' ', '')}`]]);
    expect(completed([question, ...step(0, sent)], store)).toEqual([
      question,
      reasoning('one'),
      ...step(0, sent),
    ]);
  });

  test('other arguments, another question or another order are other steps', () => {
    const store = storeOf([[question], ['rs:one', 'call_real']]);
    for (const history of [
      [question, ...step(0, '{"a":2}')],
      [user('What?'), ...step(0)],
      [question, ...step(0, '{"a":2}'), ...step(1)],
    ]) {
      expect(completed(history, store)).toEqual(history);
    }
  });

  test('the same step twice in a conversation: each has its own', () => {
    const store = emptyStore();
    const first = [question];
    rememberReasoning(first, answer('rs:one', 'call_a'), store);
    const again = [...first, ...step(0), said('Done.'), question];
    rememberReasoning(again, answer('rs:two', 'call_b'), store);
    expect(completed([...again, ...step(1)], store).filter(({ type }) => type === 'reasoning')).toEqual([
      reasoning('one'),
      reasoning('two'),
    ]);
  });

  test('a shortened history and another system prompt do not matter', () => {
    const store = storeOf([
      [user('Old.'), said('Old.'), question],
      ['rs:one', 'call_real'],
    ]);
    expect(completed([question, ...step(0)], store)[1]).toEqual(reasoning('one'));
  });

  test('what was put back once stays, also when the same step is made elsewhere', () => {
    const store = storeOf([[question], ['rs:one', 'call_a']], [[question], ['rs:two', 'call_b']]);
    expect(completed([question, ...step(0)], store)[1]).toEqual(reasoning('one'));
  });
});

describe('references', () => {
  test('to reasoning in memory become it, in their place', () => {
    const store = storeOf([[question], ['rs:one', 'call_x']], [[question], ['rs:two', 'text']]);
    const history = [
      question,
      reference('rs_one'),
      call('call_x'),
      output('call_x'),
      reference('rs_two'),
      said('This.'),
    ];
    expect(completed(history, store).filter(({ type }) => type === 'reasoning')).toEqual([
      reasoning('one'),
      reasoning('two'),
    ]);
    expect(completed(history, store)).toHaveLength(history.length);
  });

  test.each([undefined, emptyStore()])('nobody knows are left out by name', (store) => {
    const { input, dropped } = completeHistory([question, reference('rs_x', 'input[1]')], store);
    expect(input).toEqual([question]);
    expect(dropped).toMatchObject([{ field: 'input[1]' }]);
    expect(dropped[0]?.hint).toBeUndefined();
  });

  test('alone are nothing that could be sent', () => {
    expect(() => completeHistory([reference('rs_x')], undefined)).toThrow(Failure);
  });
});

describe('calls without a result', () => {
  test.each([
    ['before the next question', [question, call('call_x'), user('Stop.')]],
    ['at the end', [question, call('call_x')]],
    ['beside one that has a result', [question, call('call_x'), call('call_y'), output('call_y')]],
  ])('%s: the model reads that it was aborted', (_, history) => {
    const { input, dropped } = completeHistory(history, undefined);
    const at = history.findIndex((item) => 'call_id' in item && item.call_id === 'call_x');
    expect(input).toEqual([
      ...history.slice(0, at + 1),
      output('call_x', 'aborted'),
      ...history.slice(at + 1),
    ]);
    expect(dropped).toMatchObject([{ field: 'tool call call_x' }]);
    expect(dropped[0]?.hint).toBeUndefined();
  });

  test('of custom tools get an output of their kind', () => {
    expect(completed([question, custom('call_x')])[2]).toEqual(
      output('call_x', 'aborted', 'custom_tool_call_output'),
    );
  });

  test('a result later in the conversation counts', () => {
    const history = [question, call('call_x'), user('Wait.'), output('call_x')];
    expect(completeHistory(history, undefined)).toMatchObject({ input: history, dropped: [] });
  });
});
