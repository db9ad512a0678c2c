// Tests the checker of the Messages order: a correct stream passes, and every kind of damage is reported.
import { describe, expect, test } from 'bun:test';
import { messagesOrderFaults } from './order.ts';
import { fixture, streamOf, translate } from './support.ts';

const thinking = { thinking: { type: 'adaptive' } };
const text = streamOf(await fixture('reasoning-then-text'), translate(thinking));
const calls = streamOf(await fixture('parallel-calls'), translate());
const searched = streamOf(await fixture('web-search'), translate());
const failed = streamOf(await fixture('failed-mid-text'), translate());

const frames = (stream: string) => stream.split('\n\n').slice(0, -1);
const join = (some: string[]) => some.map((frame) => `${frame}\n\n`).join('');
const at = (stream: string, word: string) => frames(stream).findIndex((frame) => frame.includes(word));
const without = (stream: string, word: string) =>
  join(frames(stream).filter((_, index) => index !== at(stream, word)));
const twice = (stream: string, word: string) =>
  join(frames(stream).flatMap((frame, index) => (index === at(stream, word) ? [frame, frame] : [frame])));
const moved = (stream: string, word: string, to: number) => {
  const rest = frames(without(stream, word));
  return join([...rest.slice(0, to), frames(stream)[at(stream, word)] ?? '', ...rest.slice(to)]);
};

test('good streams pass, with pings in between', () => {
  for (const stream of [text, calls, searched, failed]) expect(messagesOrderFaults(stream)).toEqual([]);
  const ping = 'event: ping\ndata: {"type":"ping"}';
  const pinged = frames(text).flatMap((frame, index) => (index === 0 ? [frame] : [ping, frame]));
  expect(messagesOrderFaults(join(pinged))).toEqual([]);
});

test('a stream may be unfinished, if that is said', () => {
  const part = join(frames(text).slice(0, 4));
  expect(messagesOrderFaults(part, { unfinished: true })).toEqual([]);
  expect(messagesOrderFaults(part)).not.toEqual([]);
  expect(messagesOrderFaults('')).not.toEqual([]);
});

describe('what is told', () => {
  const spoilt: [string, string][] = [
    ['no message_start', without(text, 'message_start')],
    ['message_start twice', twice(text, 'message_start')],
    ['a ping before message_start', moved(text, 'event: ping', 0)],
    ['a message with content', text.replace('"content":[]', '"content":[{}]')],
    ['no usage at the start', text.replace('"input_tokens":0', '"x":0')],
    ['a start with a stop reason', text.replace('"stop_reason":null', '"stop_reason":"end_turn"')],
    ['a block twice', twice(text, 'content_block_start')],
    ['a block that never stops', without(text, 'content_block_stop')],
    ['a block that stops twice', twice(text, 'content_block_stop')],
    ['a hole in the indexes', text.replaceAll('"index":1', '"index":2')],
    ['an index used again', text.replaceAll('"index":1', '"index":0')],
    ['a delta before its block', moved(text, 'thinking_delta', 2)],
    ['a delta after its block', moved(text, 'thinking_delta', 11)],
    ['a delta of another kind', text.replace('"thinking_delta","thinking"', '"text_delta","text"')],
    ['an empty delta', text.replace('"thinking":"**Comparing"', '"thinking":""')],
    ['a signature twice', twice(text, 'signature_delta')],
    ['text after the signature', moved(text, 'signature_delta', 4)],
    ['a text without any', join(frames(text).filter((frame) => !frame.includes('text_delta')))],
    ['citations: null', text.replace('"text","text":""', '"text","text":"","citations":null')],
    ['no message_delta', without(text, 'message_delta')],
    ['message_delta twice', twice(text, 'message_delta')],
    ['no message_stop', without(text, 'message_stop')],
    ['message_stop twice', twice(text, 'message_stop')],
    ['message_stop before message_delta', moved(text, 'message_stop', frames(text).length - 2)],
    ['an unknown stop reason', text.replace('"end_turn"', '"stop"')],
    ['calls without tool_use', calls.replace('"stop_reason":"tool_use"', '"stop_reason":"end_turn"')],
    ['tool_use without calls', text.replace('"stop_reason":"end_turn"', '"stop_reason":"tool_use"')],
    ['a call without a name', calls.replace('"name":"get_weather"', '"name":""')],
    ['a call that begins with input', calls.replace('"input":{}', '"input":{"a":1}')],
    ['usage that is no number', text.replace('"output_tokens":90', '"output_tokens":null')],
    ['a result before its search', moved(searched, '"web_search_tool_result"', 2)],
    ['an unknown event', text.replaceAll('ping', 'keepalive')],
    ['a name that is not the type', text.replace('event: message_delta', 'event: message_stop')],
    ['a frame without a name', text.replace('event: message_delta\n', '')],
    ['[DONE]', `${text}data: [DONE]\n\n`],
    ['an error, then more', `${failed}${frames(text).at(-1)}\n\n`],
    ['an error after message_delta', join([...frames(text).slice(0, -1), frames(failed).at(-1) ?? ''])],
    ['an error without a message', failed.replace('"message":"', '"text":"')],
    ['a cut frame', text.slice(0, -1)],
  ];
  test.each(spoilt)('%s', (_, stream) => {
    expect([text, calls, searched, failed]).not.toContain(stream);
    expect(messagesOrderFaults(stream)).not.toEqual([]);
  });
});
