// The reader against `eventsource-parser`, and what the reference does not say.
import { describe, expect, test } from 'bun:test';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { Failure } from '../../src/failure.ts';
import { Decoder } from '../../src/responses/decode.ts';
import { SseReader } from '../../src/stream/sse.ts';

function read(pieces: Iterable<string>, maxEventLength = 1_000_000): string[] {
  const events: string[] = [];
  const reader = new SseReader((text, start, end) => events.push(text.slice(start, end)), maxEventLength);
  for (const piece of pieces) reader.push(piece);
  return events;
}

function reference(pieces: Iterable<string>): string[] {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(data) });
  for (const piece of pieces) parser.feed(piece);
  return events;
}

function cutAt(text: string, positions: number[]): string[] {
  const sorted = [...new Set(positions.map((at) => at % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => text.slice(from, sorted[index] ?? text.length));
}

describe('one event', () => {
  const cases: [name: string, text: string, events: string[]][] = [
    ['a space after the colon is not part of the data', 'data: a\n\n', ['a']],
    ['only one space is taken', 'data:  a\n\n', [' a']],
    ['no space', 'data:a\n\n', ['a']],
    ['data without a value', 'data:\n\n', ['']],
    ['data without a value, with its space', 'data: \n\n', ['']],
    ['data without a colon is an empty line', 'data\n\n', ['']],
    ['data without a colon between others', 'data: a\ndata\ndata: b\n\n', ['a\n\nb']],
    ['a longer word is another field', 'database: a\n\n', []],
    ['another field of the same beginning', 'data2\n\n', []],
    ['several lines', 'data: {\ndata:"a":1\ndata: }\n\n', ['{\n"a":1\n}']],
    ['comments, names, ids and retries say nothing', ': hi\nevent: x\nid: 7\nretry: 1\ndata: a\n\n', ['a']],
    ['an event without data is none', 'event: x\n\n: c\n\n\n\n', []],
    ['a cut event is not delivered', 'data: a\n\ndata: b\n', ['a']],
    ['CRLF', 'data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n', ['a\nb', 'c']],
    ['CR', 'data: a\rdata: b\r\rdata: c\r\r', ['a\nb', 'c']],
    ['all three ends', 'data: a\rdata: b\ndata: c\r\n\ndata: d\r\r\n', ['a\nb\nc', 'd']],
    [
      'U+2028, U+2029, form feeds and NEL end no line',
      'data: a\u2028b\u2029c\fd\u0085e\n\n',
      ['a\u2028b\u2029c\fd\u0085e'],
    ],
  ];
  for (const [name, text, events] of cases) {
    test(name, () => {
      expect(read([text])).toEqual(events);
      expect(read([...text])).toEqual(events);
      expect(reference([text])).toEqual(events);
    });
  }
});

const line = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('data', 'data:', 'data: ', 'data:  x', 'data:x', 'dat', 'datax: y'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(': comment', ':', 'event: a', 'id: 1', 'retry: 5', 'x', ' data: no'),
  },
  { weight: 4, arbitrary: fc.constant('') },
);
const end = fc.constantFrom('\n', '\r\n', '\r');

test('whatever the lines, their ends and the cuts: what the reference reads', () => {
  const streams = fc.array(fc.tuple(line, end), { maxLength: 30 }).map((lines) => lines.flat().join(''));
  fc.assert(
    fc.property(streams, fc.array(fc.nat(), { maxLength: 20 }), (text, positions) => {
      // The reference leaves a last CR open until it knows what follows; a line of noise settles it for both.
      const whole = `${text}: end\n`;
      const expected = reference([whole]);
      expect(read([whole])).toEqual(expected);
      expect(read(cutAt(whole, positions))).toEqual(expected);
      expect(read(['', ...[...whole].flatMap((character) => [character, ''])])).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('any text at all is read like the reference reads it', () => {
  const characters = fc.constantFrom(
    '\n',
    '\r',
    ':',
    ' ',
    'd',
    'a',
    't',
    'data',
    'data:',
    'data: ',
    'é',
    '\u2028',
  );
  fc.assert(
    fc.property(
      fc.array(characters, { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      (parts, positions) => {
        const text = `${parts.join('')}x\n`;
        expect(read(cutAt(text, positions))).toEqual(reference([text]));
      },
    ),
    { numRuns: 1000 },
  );
});

test('a byte order mark before the first event is no part of it, wherever it is cut', () => {
  const bytes = new TextEncoder().encode('\ufeffdata: {"type":"keepalive","bom":"\ufeff"}\n\n');
  for (let at = 0; at <= bytes.length; at++) {
    const events: unknown[] = [];
    const decoder = new Decoder((event) => events.push(event));
    decoder.push(bytes.subarray(0, at));
    decoder.push(bytes.subarray(at));
    expect(events).toEqual([{ type: 'keepalive', bom: '\ufeff' }]);
  }
});

describe('limits', () => {
  const tooLarge = (pieces: string[]) => {
    try {
      read(pieces, 100);
    } catch (thrown) {
      return thrown as Failure;
    }
    return undefined;
  };

  test('a line that does not end is given up at the limit', () => {
    const failure = tooLarge(['data: ', ...Array<string>(20).fill('x'.repeat(10))]);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ kind: 'upstream_broke', code: 'event_too_large', retry: false });
  });

  test('so is an event of many lines, and a comment', () => {
    expect(tooLarge(Array<string>(20).fill('data: 0123456789\n'))?.code).toBe('event_too_large');
    expect(tooLarge([': ', ...Array<string>(20).fill('0123456789')])?.code).toBe('event_too_large');
  });

  test('the limit counts one event, not the stream', () => {
    expect(read(Array<string>(50).fill(`data: ${'x'.repeat(60)}\n\n`), 100)).toHaveLength(50);
  });
});

test('trap 99: the cost of a 5 MB event in pieces of 16 KB grows with its length, not with its square', () => {
  const pieces = (bytes: number) => Array<string>(bytes / 16_384).fill('x'.repeat(16_384));
  const timeOf = (bytes: number) => {
    const all = ['data: ', ...pieces(bytes), '\n\n'];
    const startMs = performance.now();
    const [event] = read(all, 64 * 1024 * 1024);
    const tookMs = performance.now() - startMs;
    expect(event).toHaveLength(bytes);
    return tookMs;
  };
  timeOf(5 * 1024 * 1024);
  const small = Math.max(timeOf(5 * 1024 * 1024), 1);
  // Eight times the length: eight times the time when linear, sixty-four times when not.
  expect(timeOf(40 * 1024 * 1024)).toBeLessThan(small * 40);
});
