// The schema of structured output is repaired like those of tools, and reported if that changes what it allows.
import { describe, expect, test } from 'bun:test';
import { checkTextFormat } from '../../../src/upstream/rules/text-format.ts';

const format = { type: 'json_schema', name: 'n', strict: false };

test.each([
  [{ type: 'object', required: null, description: null }, { type: 'object' }, []],
  [{ type: 'array' }, { type: 'array', items: {} }, []],
  [
    { type: 'object', properties: { a: { minimum: 0, exclusiveMinimum: true } } },
    { type: 'object', properties: { a: { exclusiveMinimum: 0 } } },
    [],
  ],
  [{ properties: { a: { anyOf: [] } } }, { properties: { a: {} } }, ['text.format.schema']],
  [{ properties: { a: { maxLength: '9' } } }, { properties: { a: {} } }, ['text.format.schema']],
])('%j → %j', (schema, expected, named) => {
  const { text, dropped } = checkTextFormat({ verbosity: 'low', format: { ...format, schema } });
  expect(text).toEqual({ verbosity: 'low', format: { ...format, schema: expected } });
  expect(dropped.map(({ field }) => field)).toEqual(named);
});

test.each([undefined, {}, { format: { type: 'text' } }, { format: { type: 'json_object' } }])(
  '%j has nothing to repair',
  (text) => expect(checkTextFormat(text)).toEqual({ text, dropped: [] }),
);

describe('strict', () => {
  const closed = { type: 'object', properties: {}, additionalProperties: false };
  const checked = (schema: object, strict = true) =>
    checkTextFormat({ format: { type: 'json_schema', name: 'person', strict, schema: schema as never } });

  test.each<[string, object, string]>([
    [
      'an open object',
      { type: 'object', properties: {} },
      "In context=(), 'additionalProperties' is required",
    ],
    [
      'an optional property',
      { ...closed, properties: { a: { type: 'string' } }, required: [] },
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
    ],
    [
      'further down',
      { ...closed, properties: { a: { type: 'array', items: { type: 'object' } } }, required: ['a'] },
      "In context=('properties', 'a', 'items'), 'additionalProperties' is required",
    ],
    [
      'one of several types, in a union',
      { ...closed, $defs: { b: { anyOf: [{ type: 'null' }, { type: ['object', 'null'] }] } } },
      "In context=('$defs', 'b', 'anyOf', '1'), 'additionalProperties' is required",
    ],
  ])('%s is refused, with its place', (_, schema, problem) => {
    const refused = (() => {
      try {
        return checked(schema);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(refused).toMatchObject({
      kind: 'invalid_request',
      code: 'invalid_json_schema',
      param: 'text.format.schema',
    });
    expect((refused as Error).message).toStartWith(`Invalid schema for response_format 'person': ${problem}`);
    expect(checked(schema, false).dropped).toEqual([]);
  });

  test('a closed one goes upstream unchanged', () => {
    const schema = { ...closed, properties: { a: { type: ['string', 'null'] } }, required: ['a'] };
    expect(checked(schema).text?.format?.schema).toEqual(schema);
  });
});
