// What stands around an event.
import { expect, test } from 'bun:test';
import { framed, jsonLines, serverSentEvents } from '../../src/stream/framing.ts';

test('a server-sent event has a name if it has a type', () => {
  expect(framed(serverSentEvents, 'ping', { a: 1 })).toBe('event: ping\ndata: {"a":1}\n\n');
  expect(framed(serverSentEvents, undefined, { a: 1 })).toBe('data: {"a":1}\n\n');
  expect(serverSentEvents.aside(': keep-alive')).toBe(': keep-alive\n\n');
});

test('a line is one JSON text, whatever is in it, and there are only events', () => {
  expect(framed(jsonLines, 'ping', { a: 'x\ny\u2028' })).toBe('{"a":"x\\ny\u2028"}\n');
  expect(jsonLines.aside('data: [DONE]')).toBe('');
});
