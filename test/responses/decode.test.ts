// The fast path of the decoder returns the same as parsing each event by itself.
import { describe, expect, test } from 'bun:test';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { opening, shapes } from '../../bench/shapes.ts';
import { Failure } from '../../src/failure.ts';
import { Decoder } from '../../src/responses/decode.ts';
import { DeltaEvent, type ResponsesEvent } from '../../src/responses/event.ts';
import { EventParser } from '../../src/responses/event-parser.ts';
import { escapesOf } from '../../src/responses/json-scan.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** The events, or the code of the failure that ends them. */
function decode(pieces: Iterable<Uint8Array>): unknown[] {
  const events: unknown[] = [];
  const decoder = new Decoder((event) => events.push(plain(event)));
  try {
    for (const piece of pieces) decoder.push(piece);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    events.push(thrown.code);
  }
  return events;
}

function plain(event: ResponsesEvent): unknown {
  if (!(event instanceof DeltaEvent)) return event;
  const { type, item_id, output_index, part_index, delta, json, escapes } = event;
  expect(escapes).toBe(escapesOf(json));
  return { type, item_id, output_index, part_index, delta };
}

/** The same with only a server-sent events parser and `JSON.parse`. */
function reference(text: string): unknown[] {
  const events: unknown[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (events.at(-1) === 'invalid_event' || !data.startsWith('{')) return;
      try {
        const event = JSON.parse(data) as Record<string, unknown>;
        if (typeof event.type !== 'string') return;
        const isDelta = /delta$/.test(event.type) && typeof event.delta === 'string';
        events.push(isDelta ? deltaOf(event) : JSON.parse(data, wellFormed));
      } catch {
        events.push('invalid_event');
      }
    },
  });
  parser.feed(text);
  return events;
}

/** The decoder replaces lone surrogates, except in deltas. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function deltaOf(event: Record<string, unknown>): unknown {
  const index = (value: unknown) => (Number.isInteger(value) && (value as number) >= 0 ? value : undefined);
  return {
    type: event.type,
    item_id: typeof event.item_id === 'string' ? event.item_id : '',
    output_index: index(event.output_index) ?? -1,
    part_index: index(event.content_index) ?? index(event.summary_index) ?? 0,
    delta: event.delta,
  };
}

/** Splits anywhere, mostly before or after the end of a line. */
function segmentsOf(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const positions = cuts.map((cut) => {
    const at = cut % (bytes.length + 1);
    const place = Math.trunc(cut / (bytes.length + 1)) % 3;
    return place === 0 ? at : Math.max(0, bytes.indexOf(0x0a, at) + place - 1);
  });
  const sorted = positions.sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}

/** JSON string literals with random escapes, sometimes an invalid one. */
const character = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).map(inner) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '\\n',
      '\\"',
      '\\\\',
      '\\/',
      '\\u00e9',
      '\\ud83d\\ude00',
      '\\ud83d',
      '\\uD83D',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('{', '}', ',', ':', '\u2028', '\u0085', '\\"delta\\":\\"') },
);
const damage = fc.constantFrom('\\', '\\x', '\\u12', '\\u00g0', '\t', '"', '\u0001');
const literal = fc
  .tuple(fc.array(character, { maxLength: 8 }), fc.oneof({ weight: 60, arbitrary: fc.constant('') }, damage))
  .map(([characters, broken]) => `"${characters.join('')}${broken}"`);

function inner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

const types = [
  'response.output_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
];
const integer = fc.oneof(
  { weight: 20, arbitrary: fc.nat(1000).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('01', '-1', '1.5', '1e3', '12345678901234567890') },
);
const constant = fc.constantFrom('[]', '[{"token":"}"}]', 'null', 'true', '{"a":[1,"]"]}');
const space = fc.constantFrom('', '', '', ' ');

/** Members of a delta, in the order they are written. */
const keys = fc
  .subarray(['sequence_number', 'obfuscation', 'logprobs', 'content_index', 'summary_index'])
  .chain((some) =>
    fc.shuffledSubarray(['type', 'delta', 'item_id', 'output_index', ...some], { minLength: 4 }),
  );
const repeated = fc.oneof(
  { weight: 9, arbitrary: fc.constant([]) },
  fc.constantFrom(['delta'], ['item_id'], ['sequence_number']),
);

/** Deltas of several parts with the same layout: the same members in the same order. */
const run = fc
  .record({
    type: fc.constantFrom(...types),
    keys: fc.tuple(keys, repeated).map(([each, twice]) => [...each, ...twice]),
    logprobs: constant,
    space,
    named: fc.boolean(),
    deltas: fc.array(
      fc.record({
        delta: literal,
        item_id: fc.constantFrom('"msg_1"', '"msg_1"', '"fc_2"', '"\\u0066c_2"', '7'),
        output_index: fc.constantFrom('0', '0', '0', '1'),
        content_index: fc.constantFrom('0', '0', '0', '1'),
        summary_index: fc.constantFrom('0', '0', '0', '1'),
        sequence_number: integer,
        obfuscation: literal,
        line: fc.oneof(
          { weight: 6, arbitrary: fc.constant('') },
          fc.constantFrom('data: 1\n', 'data\n', '\n'),
        ),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ type, keys, logprobs, space, named, deltas }) =>
    deltas.map(({ line, ...delta }) => {
      const values: Record<string, string> = { type: JSON.stringify(type), logprobs, ...delta };
      const members = keys.map((key, index) => {
        const isSecond = keys.indexOf(key) < index;
        return `"${key}":${space}${isSecond ? delta.obfuscation : values[key]}`;
      });
      return `${line}${named ? `event: ${type}\n` : ''}data: {${members.join(`,${space}`)}}\n\n`;
    }),
  );

const stream = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: run },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ['data: {"type":"keepalive"}\n\n'],
          [': comment\n\n'],
          ['\n'],
          ['data: [DONE]\n\n'],
          ['data: {"type":\ndata: "keepalive"}\n\n'],
        ),
      },
    ),
    { maxLength: 5 },
  )
  .map((runs) => runs.flat().join(''));

const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r');

describe('the fast path', () => {
  test('gives what parsing gives, whatever the keys, the escapes and the cuts', () => {
    fc.assert(
      fc.property(stream, lineEnd, fc.array(fc.noBias(fc.nat()), { maxLength: 6 }), (events, end, cuts) => {
        // A carriage return at the very end stays pending until the next character is known; noise resolves it.
        const text = `${events.replaceAll('\n', end)}: end\n`;
        const expected = reference(text);
        expect(decode([encode(text)])).toEqual(expected);
        expect(decode(segmentsOf(encode(text), cuts))).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  }, 60_000);

  test.each(Object.keys(shapes))('reads %s without parsing each delta', (shape) => {
    const make = shapes[shape] as (number: number) => string;
    const text = opening(shape) + Array.from({ length: 1000 }, (_, number) => make(number + 4)).join('');
    const parse = JSON.parse;
    let parsed = 0;
    JSON.parse = (...given) => {
      if (given[0].length > 40) parsed += 1;
      return parse(...given);
    };
    try {
      expect(decode([encode(text)])).toEqual(reference(text));
      parsed -= 1004; // according to the reference
      expect(parsed).toBeLessThan(10);
    } finally {
      JSON.parse = parse;
    }
  });
});

describe('messages', () => {
  /** The JSON of each event is a text of its own. */
  const messagesOf = (text: string): string[] => {
    const found: string[] = [];
    createParser({ onEvent: ({ data }) => found.push(data) }).feed(text);
    return found;
  };

  function readMessages(messages: string[]): unknown[] {
    const events: unknown[] = [];
    const parser = new EventParser();
    try {
      for (const message of messages) parser.readMessage(message, (event) => events.push(plain(event)));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      events.push(thrown.code);
    }
    return events;
  }

  test('are read as their events are from a stream', () => {
    fc.assert(
      fc.property(stream, (text) => {
        expect(readMessages(messagesOf(text))).toEqual(reference(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('are one event each', () => {
    const [first, second] = messagesOf(
      [1, 2].map((number) => shapes['no obfuscation']?.(number) ?? '').join(''),
    ) as [string, string];
    expect(readMessages([first, second, second])).toHaveLength(3);
    expect(readMessages([first, second + second]).at(-1)).toBe('invalid_event');
    expect(readMessages([first, `${second}}`]).at(-1)).toBe('invalid_event');
  });
});

test('a delta with more escapes than a layout takes is parsed', () => {
  const make = shapes['an escape in every delta'] as (number: number) => string;
  const large = make(3).replace('a few', '\\n'.repeat(2000));
  const text = make(1) + make(2) + large + make(4);
  expect(decode([encode(text)])).toEqual(reference(text));
});

describe('server-sent events', () => {
  const cases: [name: string, text: string, events: unknown[]][] = [
    ['several data lines', 'data: {\ndata:"type":"a"\ndata: }\n\n', [{ type: 'a' }]],
    [
      'names, ids, retries and comments',
      ': hi\nevent: x\nid: 7\nretry: 1\ndata: {"type":"a"}\n\n',
      [{ type: 'a' }],
    ],
    ['an event without data', 'event: x\n\n: c\n\n\n\n', []],
    ['an event that was cut off', 'data: {"type":"a"}\n\ndata: {"type":"b"}\n', [{ type: 'a' }]],
    ['CRLF', 'data: {"type":"a"}\r\n\r\ndata: {"type":"b"}\r\n\r\n', [{ type: 'a' }, { type: 'b' }]],
    ['an event that is not JSON', 'data: {"type"\n\n', ['invalid_event']],
    ['other separators', 'data: {"type":"a\u2028b\u2029c\u0085d"}\n\n', [{ type: 'a\u2028b\u2029c\u0085d' }]],
  ];
  test.each(cases)('%s', (_, text, events) => {
    expect(decode([encode(text)])).toEqual(events);
    expect(decode([...encode(text)].map((byte) => Uint8Array.of(byte)))).toEqual(events);
  });

  test('a byte order mark before the first event is dropped, wherever it is cut', () => {
    const bytes = encode('\ufeffdata: {"type":"keepalive","bom":"\ufeff"}\n\n');
    for (let at = 0; at <= bytes.length; at++) {
      expect(decode([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([
        { type: 'keepalive', bom: '\ufeff' },
      ]);
    }
  });

  test('an event without end is a failure before it fills the memory', () => {
    const decoder = new Decoder(() => {});
    const piece = encode('x'.repeat(1024 * 1024));
    decoder.push(encode('data: '));
    const feed = () => {
      for (let times = 0; times < 80; times++) decoder.push(piece);
    };
    expect(feed).toThrow(expect.objectContaining({ code: 'event_too_large' }));
  });

  test('nothing is passed on after close', () => {
    const types: string[] = [];
    const decoder = new Decoder(({ type }) => {
      types.push(type);
      decoder.close();
    });
    decoder.push(encode('data: {"type":"a"}\n\ndata: {"type":"b"}\n\n'));
    expect(types).toEqual(['a']);
  });
});
