// Tests the checker of the stream's order: every rule fails on a stream that breaks it.
import { describe, expect, test } from 'bun:test';
import { type Json, responsesEvents, responsesOrderFaults } from './order.ts';
import { codexHeaders, fixture, streamOf, translate } from './support.ts';

const text = streamOf(await fixture('reasoning-then-text'), translate());
const call = streamOf(await fixture('parallel-calls'), translate());
const annotated = streamOf(await fixture('annotations'), translate());
const failed = streamOf(await fixture('failed-mid-text'), translate());

/** The stream with changed events, renumbered. */
function changed(from: string, change: (events: Json[]) => Json[]): string {
  const events = change(responsesEvents(from)).map((event, sequence_number) => ({
    sequence_number,
    ...event,
  }));
  return frames(events.map((event, sequence_number) => ({ ...event, sequence_number })));
}

function frames(events: Json[]): string {
  const all = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return `${all.join('')}data: [DONE]\n\n`;
}

const without = (type: string) => (events: Json[]) => events.filter((event) => event.type !== type);
const withEach = (type: string, change: (event: Json) => Json) => (events: Json[]) =>
  events.map((event) => (event.type === type ? change(event) : event));
const withItem = (type: string, keys: Json) =>
  withEach(type, (event) => ({ ...event, item: { ...event.item, ...keys } }));
const twice = (type: string) => (events: Json[]) =>
  events.flatMap((event) => (event.type === type ? [event, event] : [event]));

test('what is not changed keeps the order', () => {
  for (const each of [text, call, annotated, failed]) {
    expect(responsesOrderFaults(changed(each, (events) => events))).toEqual([]);
  }
});

describe('a stream is at fault', () => {
  test.each<[string, string, (events: Json[]) => Json[], string]>([
    ['no created', text, without('response.created'), 'response.created comes'],
    ['created twice', text, twice('response.created'), 'response.created comes once'],
    ['nothing terminal', text, without('response.completed'), 'a terminal event ends the stream'],
    ['two terminals', text, twice('response.completed'), 'nothing comes after the terminal event'],
    [
      'an item never added',
      text,
      without('response.output_item.added'),
      'an item is added before it is done',
    ],
    ['an item never done', text, without('response.output_item.done'), 'one item is open at a time'],
    ['another id when done', text, withItem('response.output_item.done', { id: 'x' }), 'keeps its id'],
    [
      'another type when done',
      text,
      withItem('response.output_item.done', { type: 'x' }),
      'keeps its id and type',
    ],
    ['an empty id', text, withItem('response.output_item.added', { id: '' }), 'an item has an id'],
    [
      'null for a blob',
      text,
      withItem('response.output_item.done', { encrypted_content: null }),
      'absent, not null',
    ],
    ['no status', call, withItem('response.output_item.done', { status: undefined }), 'has a status'],
    ['no call_id', call, withItem('response.output_item.done', { call_id: '' }), 'has a call_id'],
    [
      'an index with a hole',
      call,
      withEach('response.output_item.added', (event) => ({ ...event, output_index: event.output_index * 2 })),
      'output_index is contiguous',
    ],
    ['a part never added', text, without('response.content_part.added'), 'needs an open part'],
    ['a part never done', text, without('response.content_part.done'), 'a part is closed before its item'],
    ['a summary never added', text, without('response.reasoning_summary_part.added'), 'needs an open part'],
    ['a delta lost', text, without('response.output_text.delta'), 'the deltas add up'],
    ['a delta twice', call, twice('response.function_call_arguments.delta'), 'the deltas add up'],
    [
      'a text event without logprobs',
      text,
      withEach('response.output_text.done', ({ logprobs: _, ...event }) => event),
      'have logprobs',
    ],
    [
      'a part without annotations',
      text,
      withEach('response.content_part.added', (event) => ({
        ...event,
        part: { type: 'output_text', text: '' },
      })),
      'annotations and logprobs',
    ],
    [
      'an annotation index with a hole',
      annotated,
      withEach('response.output_text.annotation.added', (event) => ({ ...event, annotation_index: 3 })),
      'annotation_index',
    ],
    [
      'a delta of another item',
      text,
      withEach('response.output_text.delta', (event) => ({ ...event, item_id: 'x' })),
      'belongs to the open item',
    ],
    [
      'an empty final output',
      text,
      withEach('response.completed', (event) => ({ ...event, response: { ...event.response, output: [] } })),
      'final output is what was done',
    ],
    [
      'another id at the end',
      text,
      withEach('response.completed', (event) => ({ ...event, response: { ...event.response, id: 'x' } })),
      'id stays the same',
    ],
    [
      'a float for created_at',
      text,
      withEach('response.created', (event) => ({
        ...event,
        response: { ...event.response, created_at: 1.5 },
      })),
      'no integer',
    ],
    [
      'a key less in the response',
      text,
      withEach('response.created', ({ response: { store: _, ...response }, ...event }) => ({
        ...event,
        response,
      })),
      'no store',
    ],
    [
      'another status',
      text,
      withEach('response.completed', (event) => ({
        ...event,
        response: { ...event.response, status: 'failed' },
      })),
      'status of response.completed',
    ],
    [
      'a private event',
      text,
      ([first, ...events]) => [first!, { type: 'codex.rate_limits' }, ...events],
      'is private',
    ],
    [
      'padding',
      text,
      withEach('response.output_text.delta', (event) => ({ ...event, obfuscation: 'x' })),
      'padding',
    ],
    ['a failure without error', failed, without('error'), 'told by `error`'],
    [
      'a flat error',
      failed,
      withEach('error', ({ error: _, ...event }) => event),
      'nested says what flat says',
    ],
    [
      'an error without code',
      failed,
      withEach('error', (event) => ({ ...event, code: null, error: { ...event.error, code: null } })),
      'type, code and message are texts',
    ],
  ])('%s', (_, from, change, rule) => {
    const faults = responsesOrderFaults(changed(from, change));
    expect(faults.join('; ')).toContain(rule);
  });

  test.each<[string, string, string]>([
    ['cut in a frame', text.slice(0, -3), 'the last frame is cut'],
    ['without [DONE]', text.replace('data: [DONE]\n\n', ''), '[DONE] comes last'],
    ['with two of them', `${text}data: [DONE]\n\n`, 'nothing comes after [DONE]'],
    ['with an id line', text.replace('event: ', 'id: 1\nevent: '), 'no frame'],
    ['with a hole in its numbers', text.replace('"sequence_number":3}', '"sequence_number":4}'), 'no holes'],
    [
      'with a wrong frame name',
      text.replace('event: response.created', 'event: message'),
      'the frame is named',
    ],
    [
      'with an empty data line',
      text.replace('event: response.in_progress', 'data: \n\nevent: response.in_progress'),
      'no frame',
    ],
  ])('%s', (_, from, rule) => {
    expect(responsesOrderFaults(from).join('; ')).toContain(rule);
  });
});

test('a stream that may end anywhere is held to everything else', () => {
  const cut = text.slice(0, text.indexOf('event: response.output_text.done'));
  expect(responsesOrderFaults(cut)).toContain('a terminal event ends the stream');
  expect(responsesOrderFaults(cut, { unfinished: true })).toEqual([]);
});

test('a Codex stream may be private, and must not tell a failure twice', async () => {
  const own = streamOf(await fixture('keepalives-and-private-events'), translate({}, codexHeaders));
  expect(responsesOrderFaults(own, { codex: true })).toEqual([]);
  expect(responsesOrderFaults(own)).not.toEqual([]);
  expect(responsesOrderFaults(failed, { codex: true }).join()).toContain('except to Codex');
});
