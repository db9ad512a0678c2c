// The schema of structured output is repaired like those of tools, and reported if that changes what it allows.
import { expect, test } from 'bun:test';
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
