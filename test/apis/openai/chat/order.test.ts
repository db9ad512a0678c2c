// Tests the checker of the chat order: a correct stream passes, and every kind of damage is reported.
import { describe, expect, test } from 'bun:test';
import { chatOrderFaults } from './order.ts';
import { fixture, streamOf, translate } from './support.ts';

const withUsage = { stream_options: { include_usage: true } };
const calls = streamOf(await fixture('parallel-calls'), translate(withUsage));
const text = streamOf(await fixture('plain-text'), translate(withUsage));
const failed = streamOf(await fixture('failed-mid-text'), translate());

const frames = (stream: string) => stream.split('\n\n').slice(0, -1);
const join = (some: string[]) => some.map((frame) => `${frame}\n\n`).join('');
const finishAt = (stream: string) => frames(stream).findIndex((frame) => /"finish_reason":"/.test(frame));

test('good streams pass, with comments in between', () => {
  expect(chatOrderFaults(calls)).toEqual([]);
  expect(chatOrderFaults(failed)).toEqual([]);
  expect(chatOrderFaults(join(frames(text).flatMap((frame) => [': keep-alive', frame])))).toEqual([]);
});

test('a stream may be unfinished, if that is said', () => {
  const part = join(frames(text).slice(0, 3));
  expect(chatOrderFaults(part, { unfinished: true })).toEqual([]);
  expect(chatOrderFaults(part)).not.toEqual([]);
  expect(chatOrderFaults('')).not.toEqual([]);
});

describe('what is told', () => {
  const swap = (stream: string, from: string | RegExp, to: string) => stream.replace(from, to);
  const without = (stream: string, at: number) => join(frames(stream).filter((_, index) => index !== at));
  const twice = (stream: string, at: number) =>
    join(frames(stream).flatMap((frame, index) => (index === at ? [frame, frame] : [frame])));
  const spoilt: [string, string][] = [
    ['no role', without(text, 0)],
    ['the role twice', twice(text, 0)],
    ['no finish reason', without(text, finishAt(text))],
    ['two finish reasons', twice(text, finishAt(text))],
    [
      'text after the finish reason',
      join([...frames(text).slice(0, finishAt(text) + 1), frames(text)[1] ?? '', 'data: [DONE]']),
    ],
    ['no [DONE]', without(text, frames(text).length - 1)],
    ['[DONE] twice', twice(text, frames(text).length - 1)],
    [
      'usage before the finish reason',
      join([frames(text)[0] ?? '', frames(text).at(-2) ?? '', ...frames(text).slice(1, -2)]),
    ],
    ['usage twice', twice(text, frames(text).length - 2)],
    ['usage beside a choice', swap(text, '"usage":null', '"usage":{"prompt_tokens":1}')],
    ['usage missing in a chunk', swap(text, ',"usage":null', '')],
    ['another id', swap(text, 'chatcmpl-0a11","object', 'chatcmpl-x","object')],
    ['a float', swap(text, /"created":(\d+)/g, '"created":$1.5')],
    ['another object', swap(text, 'chat.completion.chunk', 'chat.completion')],
    ['an empty text', swap(text, '"content":"Hi"', '"content":""')],
    ['two kinds in a delta', swap(text, '"content":"Hi"', '"content":"Hi","refusal":"x"')],
    ['an id line', swap(text, 'data: ', 'id: 1\ndata: ')],
    ['an event line', swap(text, 'data: ', 'event: x\n\ndata: ')],
    ['data that is not JSON', swap(text, 'data: {', 'data: ')],
    ['a cut frame', text.slice(0, -1)],
    ['a hole in the tool indexes', swap(calls, /"index":1,"(id|function)"/g, '"index":2,"$1"')],
    ['indexes from 1', swap(calls, /"tool_calls":\[\{"index":0/g, '"tool_calls":[{"index":7')],
    ['no index', swap(calls, '"tool_calls":[{"index":0,', '"tool_calls":[{')],
    ['a call named twice', swap(calls, '"function":{"arguments"', '"id":"call_A1","function":{"arguments"')],
    [
      'arguments that stay empty',
      swap(calls, /"function":\{"arguments":"[^}]*"\}/g, '"function":{"arguments":""}'),
    ],
    [
      'an error and then more',
      join([...frames(failed).slice(0, -1), frames(failed)[0] ?? '', 'data: [DONE]']),
    ],
    ['an error after the finish reason', join([...frames(text).slice(0, -1), ...frames(failed).slice(-2)])],
    ['an error without its keys', swap(failed, '"param":null', '"param":7')],
    ['a bare [DONE]', 'data: [DONE]\n\n'],
  ];
  test.each(spoilt)('%s', (_, stream) => {
    expect(chatOrderFaults(stream)).not.toEqual([]);
  });
});
