// JSON as engines write it (docs/wire/audio.md#lenient-json).
import { describe, expect, test } from 'bun:test';
import { decodeLatin1AsUtf8, readJson } from '../../../src/audio/engines/json.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

describe('a lenient reader', () => {
  const rows: [name: string, given: Uint8Array, value: unknown][] = [
    ['plain JSON', bytes('{"a":[1,"x"]}'), { a: [1, 'x'] }],
    ['null', bytes('null'), null],
    ['NaN and both Infinities', bytes('[NaN, Infinity,-Infinity , 1]'), [null, null, null, 1]],
    [
      'the same words inside a text',
      bytes('{"text":"NaN \\"Infinity\\" -Infinity","p":NaN}'),
      { text: 'NaN "Infinity" -Infinity', p: null },
    ],
    ['a raw tab and a raw line break inside a text', bytes('{"text":"a\tb\nc"}'), { text: 'a b c' }],
    ['broken UTF-8', Buffer.from([0x5b, 0x22, 0x61, 0xe2, 0x82, 0x22, 0x5d]), ['a\ufffd']],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes('[1]')]), [1]],
    ['a name that begins like NaN', bytes('[NaNa]'), undefined],
    ['half of it', bytes('{"text": "a'), undefined],
    ['nothing', bytes(''), undefined],
  ];
  test.each(rows)('%s', (_, given, value) => {
    expect(readJson(given)).toEqual(value);
  });

  test('latin1 keeps the bytes of characters, for texts that are put together first', () => {
    const [first, second] = readJson(
      Buffer.from([...bytes('["'), 0xe2, 0x82, ...bytes('","'), 0xac, ...bytes('"]')]),
      'latin1',
    ) as string[];
    expect(decodeLatin1AsUtf8(first! + second!)).toBe('€');
  });
});
