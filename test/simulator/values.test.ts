// Values for JSON schemas: the model's arguments and structured answers.
import { describe, expect, test } from 'bun:test';
import { hintsOf, properNames, valueFor } from '../../src/simulator/values.ts';

const value = (schema: unknown, prompt = 'What about "x" 7?') => valueFor(schema, hintsOf(prompt));

describe('a value for', () => {
  const table: [string, unknown, unknown][] = [
    ['a quoted word', { type: 'string' }, 'x'],
    ['a number of the prompt', { type: 'integer' }, 7],
    ['a maximum', { type: 'integer', maximum: 5 }, 5],
    ['an exclusive minimum', { type: 'number', exclusiveMinimum: 9 }, 10],
    ['an enum', { enum: ['a', 'b'] }, 'a'],
    ['a const', { const: 3 }, 3],
    ['a nullable type', { type: ['null', 'boolean'] }, true],
    ['a union with null', { anyOf: [{ type: 'null' }, { type: 'string' }] }, 'x'],
    ['an array with a minimum', { type: 'array', items: { type: 'integer' }, minItems: 3 }, [7, 7, 7]],
    ['a format', { type: 'string', format: 'date-time' }, '2026-11-20T12:00:00Z'],
    ['a length', { type: 'string', minLength: 3 }, 'x..'],
    [
      'required properties only',
      { properties: { a: {}, b: { type: 'null' } }, required: ['b'] },
      { b: null },
    ],
    ['all properties when none is required', { properties: { a: { type: 'boolean' } } }, { a: true }],
    ['a reference', { $ref: '#/$defs/n', $defs: { n: { type: 'integer' } } }, 7],
  ];
  test.each(table)('%s', (_, schema, wanted) => {
    expect(value(schema)).toEqual(wanted);
  });

  test('an enum member the prompt names', () => {
    expect(value({ enum: ['celsius', 'fahrenheit'] }, 'In Fahrenheit, please')).toBe('fahrenheit');
  });

  test('several words, one after the other', () => {
    const schema = { properties: { from: { type: 'string' }, to: { type: 'string' } } };
    expect(value(schema, 'Fly from Oslo to Rome')).toEqual({ from: 'Oslo', to: 'Rome' });
  });

  test('a schema that holds itself is finite', () => {
    const node = {
      type: 'object',
      properties: {
        next: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
        all: { type: 'array', items: { $ref: '#' } },
      },
      required: ['next', 'all'],
    };
    expect(JSON.stringify(value(node)).length).toBeGreaterThan(10);
  });
});

test.each([
  ['What is the weather in New York?', ['New York']],
  ['Oslo is nice. Berlin too, and Rome.', ['Rome']],
  ['i like Łódź and Århus', ['Łódź', 'Århus']],
  ['no names here', []],
])('names in “%s”', (prompt, names) => {
  expect(properNames(prompt)).toEqual(names);
});
