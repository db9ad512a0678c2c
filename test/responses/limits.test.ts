// The hub's memory is limited, and exceeding a limit is a named failure.
import { describe, expect, test } from 'bun:test';
import { Collector } from '../../src/responses/collect.ts';
import { DeltaEvent, type ResponsesEvent } from '../../src/responses/event.ts';
import { Grammar, type GrammarOptions } from '../../src/responses/grammar.ts';
import type { OutputItem } from '../../src/responses/response.ts';
import { TextAccumulator } from '../../src/responses/text-accumulator.ts';

const message = (id: string, text = ''): OutputItem => ({
  type: 'message',
  id,
  role: 'assistant',
  content: text === '' ? [] : [{ type: 'output_text', text }],
});
const added = (output_index: number): ResponsesEvent => ({
  type: 'response.output_item.added',
  output_index,
  item: message(`msg_${output_index}`),
});
const delta = (output_index: number, text: string): ResponsesEvent =>
  new DeltaEvent(
    'response.output_text.delta',
    `msg_${output_index}`,
    output_index,
    0,
    JSON.stringify(text),
  ) as ResponsesEvent;
const completed: ResponsesEvent = {
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output: [] },
};

function codeOf(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    const { code, retry } = thrown as { code: string; retry: boolean };
    return { code, retry };
  }
  return undefined;
}

function run(events: ResponsesEvent[], limits: Partial<GrammarOptions>): string {
  let text = '';
  const sink = (event: ResponsesEvent) => {
    if (event instanceof DeltaEvent) text += event.delta;
  };
  let ids = 0;
  const newId = (prefix: string) => `${prefix}_${ids++}`;
  const grammar = new Grammar(sink, { newId, nowMs: () => 0, accumulateText: true, ...limits });
  for (const event of events) grammar.push(event);
  return text;
}

describe('a whole response', () => {
  const done = (text: string): ResponsesEvent => ({
    type: 'response.output_item.done',
    output_index: 0,
    item: message('msg_0', text),
  });
  const limit = JSON.stringify(message('msg_0', 'x'.repeat(50))).length;

  test('up to the limit', () => {
    const collector = new Collector(limit);
    collector.push(done('x'.repeat(50)));
    collector.push(completed);
    expect(collector.response?.output).toEqual([message('msg_0', 'x'.repeat(50))]);
  });

  test('beyond it, all items together', () => {
    const tooLarge = { code: 'answer_too_large', retry: false };
    expect(codeOf(() => new Collector(limit).push(done('x'.repeat(51))))).toEqual(tooLarge);
    const collector = new Collector(limit);
    collector.push(done(''));
    expect(codeOf(() => collector.push(done('x'.repeat(50))))).toEqual(tooLarge);
  });
});

describe('events that wait for an earlier item', () => {
  const interleaved = (text: string) => [added(0), delta(0, 'a'), added(1), delta(1, text)];
  const waiting = JSON.stringify(added(1)).length + JSON.stringify('x'.repeat(50)).length;

  test('up to the limit they are sent in order', () => {
    const events = [...interleaved('x'.repeat(50)), delta(0, 'b'), completed];
    expect(run(events, { waitingLimit: waiting })).toBe(`ab${'x'.repeat(50)}`);
  });

  test('beyond it', () => {
    expect(codeOf(() => run(interleaved('x'.repeat(51)), { waitingLimit: waiting }))).toEqual({
      code: 'interleaved_too_far',
      retry: false,
    });
  });
});

describe('a text that is never closed', () => {
  const pieces = Array.from({ length: 64 }, () => delta(0, 'x'));

  test('up to the limit it is closed with its text', () => {
    expect(run([added(0), ...pieces, completed], { textLimit: 64 })).toBe('x'.repeat(64));
  });

  test('beyond it', () => {
    expect(codeOf(() => run([added(0), ...pieces, completed], { textLimit: 63 }))).toMatchObject({
      code: 'stream_incomplete',
    });
  });

  test('an accumulator beyond its limit has no text', () => {
    const accumulator = new TextAccumulator(63);
    for (const piece of pieces) accumulator.add(piece as DeltaEvent);
    expect(accumulator.text()).toBeUndefined();
  });

  test('an accumulator knows its length with and without its text', () => {
    const text = ['a\n', '"é"', 'x'.repeat(60)];
    for (const limit of [1, 1000]) {
      const accumulator = new TextAccumulator(limit);
      for (let times = 0; times < 30; times++) {
        for (const piece of text) accumulator.add(delta(0, piece) as DeltaEvent);
      }
      accumulator.add(new DeltaEvent('response.output_text.delta', 'msg_0', 0, 0, '"\\ud83d\\ude00"'));
      expect(accumulator.length).toBe(text.join('').length * 30 + 2);
    }
  });
});
