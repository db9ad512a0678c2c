// JSON that is written again exactly as it was read.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ExactNumber, parseExact } from '../../src/base/exact-json.ts';

const same = (text: string) => expect(JSON.stringify(parseExact(text))).toBe(text);

describe('numbers keep their spelling', () => {
  test.each([
    '1234567890123456789',
    '-9007199254740993',
    '12345678901234567890123',
    '1.10',
    '1.0',
    '-0',
    '-0.0',
    '1e400',
    '1E5',
    '1e5',
    '1e-7',
    '0.1234567890123456789',
    '1e+21',
  ])('%s', (number) => {
    same(number);
    same(`[${number},1,"${number}",-1]`);
    same(`{"a":{"${number}":${number}},"b":[${number}]}`);
  });

  test('and white space around them does no harm', () => {
    expect(JSON.stringify(parseExact(' {\n"a" :\t1.10 ,\r\n"b": [ 1E5 ] }\n'))).toBe('{"a":1.10,"b":[1E5]}');
  });

  test.each(['1', '0', '-1', '1.5', '900719925474099', '123456789012345', '1e+21', '0.000001'])(
    'numbers that nothing changes stay ordinary ones: %s',
    (number) => expect(typeof parseExact(number)).toBe('number'),
  );

  test('strings that look like numbers, and quotes inside strings, are left alone', () => {
    expect(parseExact('["1.10","\\"1.10","\\\\",1]')).toEqual(['1.10', '"1.10', '\\', 1]);
  });
});

describe('objects', () => {
  test('the last of two equal keys counts, as in JSON.parse', () => {
    expect(JSON.stringify(parseExact('{"a":[1.10],"a":{"b":2.0}}'))).toBe('{"a":{"b":2.0}}');
    expect(JSON.stringify(parseExact('{"a":1.10,"a":2}'))).toBe('{"a":2}');
  });

  test('`__proto__` is a key like others', () => {
    same('{"__proto__":{"polluted":1.10},"x":1}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('an exact number', () => {
  const number = parseExact('12345678901234567890');

  test('is its value to whoever calculates or prints', () => {
    expect(number).toBeInstanceOf(ExactNumber);
    expect(Number(number)).toBe(Number('12345678901234567890'));
    expect(`${number}`).toBe('12345678901234567890');
    expect(String(number)).toBe('12345678901234567890');
  });
});

describe('depth', () => {
  const nested = (levels: number, inside: string) => '['.repeat(levels) + inside + ']'.repeat(levels);

  test('beyond the limit is refused', () => {
    expect(() => parseExact(nested(513, '1'), 512)).toThrow(RangeError);
    expect(parseExact(nested(512, '1'), 512)).toBeArray();
  });

  test('numbers are exact down to 512 levels, and deeper values do not overflow the stack', () => {
    same(nested(512, '1.10'));
    expect(parseExact(nested(100_000, '1.10'))).toBeArray();
  });
});

test.each(['', '{', '"', '[1', '{"a":1.10,}', '01', '1.', '- 1', 'nul'])('%p is not JSON', (text) => {
  expect(() => parseExact(text)).toThrow(SyntaxError);
});

test('whatever JSON.stringify writes is written again unchanged', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => same(JSON.stringify(value))));
});
