// Tool schemas from any API: what the upstream refuses is repaired, everything else stays unchanged.
import { describe, expect, test } from 'bun:test';
import { isStrict } from '../../../src/responses/json-schema.ts';
import type { FunctionTool } from '../../../src/responses/request.ts';
import { checkTools } from '../../../src/upstream/rules/tools.ts';

const closed = { type: 'object', properties: { a: {} }, required: ['a'], additionalProperties: false };

/** The repaired schema. */
function parametersOf(parameters: unknown): unknown {
  return (checkTools([{ type: 'function', name: 'f', parameters }]).tools[0] as FunctionTool).parameters;
}

describe('schemas', () => {
  const open = { type: 'object', properties: {} };
  const rows: [string, unknown, unknown][] = [
    ['$schema', { $schema: 'https://json-schema.org/draft/2020-12/schema', ...closed }, closed],
    ['cache_control', { ...closed, cache_control: {} }, closed],
    ['no type', { properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
    ['a type that may be null', { type: ['object', 'null'], properties: {} }, open],
    ['no properties', { type: 'object' }, open],
    ['properties: null', { type: 'object', properties: null }, open],
    ['required: null', { ...open, required: null }, open],
    ['enum and not at the root', { ...open, enum: [{}], not: {} }, open],
    [
      'an array without items, anywhere',
      {
        type: 'object',
        properties: {
          a: { type: 'array' },
          b: { type: 'object', properties: { c: { type: ['array', 'null'] } } },
        },
      },
      {
        type: 'object',
        properties: {
          a: { type: 'array', items: {} },
          b: { type: 'object', properties: { c: { type: ['array', 'null'], items: {} } } },
        },
      },
    ],
    [
      'items that are a list: one schema for each place',
      {
        type: 'object',
        properties: {
          a: { type: 'array', items: [{ type: 'number' }, { type: 'array' }] },
          b: { type: 'array', items: [{}], additionalItems: { type: 'string' } },
        },
      },
      {
        type: 'object',
        properties: {
          a: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'array', items: {} }], items: {} },
          b: { type: 'array', prefixItems: [{}], items: { type: 'string' } },
        },
      },
    ],
    [
      'limits as JSON Schema 4 writes them',
      {
        type: 'object',
        properties: {
          a: { minimum: 0, exclusiveMinimum: true },
          b: { maximum: 9, exclusiveMaximum: false },
        },
      },
      { type: 'object', properties: { a: { exclusiveMinimum: 0 }, b: { maximum: 9 } } },
    ],
    [
      'unions of nothing, and keywords that are null',
      {
        type: 'object',
        properties: {
          a: { anyOf: [], oneOf: [] },
          b: { type: 'string', enum: null, format: null, description: null, $ref: null, const: null },
        },
      },
      { type: 'object', properties: { a: {}, b: { type: 'string', const: null } } },
    ],
    [
      'keywords with values that JSON Schema does not allow',
      {
        type: 'object',
        properties: {
          a: { minimum: '1', pattern: 5, maxLength: -1, enum: 'x', description: ['d'], default: 7 },
        },
      },
      { type: 'object', properties: { a: { default: 7 } } },
    ],
    [
      'schemas that are true or false',
      { type: 'object', properties: { a: true, b: false }, required: ['a', 'b'] },
      { type: 'object', properties: { a: {} }, required: ['a'] },
    ],
    [
      'a reference as the root',
      { $ref: '#/definitions/F', definitions: { F: closed } },
      { ...closed, definitions: { F: closed } },
    ],
    [
      'allOf at the root',
      {
        type: 'object',
        allOf: [
          { properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] },
    ],
    [
      'anyOf at the root',
      {
        type: 'object',
        properties: { id: {} },
        required: ['id'],
        additionalProperties: false,
        anyOf: [
          { properties: { kind: { const: 'x' }, a: {} }, required: ['kind', 'a'] },
          { properties: { kind: { const: 'y' } }, required: ['kind'] },
        ],
      },
      {
        type: 'object',
        properties: { id: {}, kind: { anyOf: [{ const: 'x' }, { const: 'y' }] }, a: {} },
        required: ['id', 'kind'],
        additionalProperties: false,
      },
    ],
    [
      'oneOf of references',
      { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }], $defs: { A: closed, B: closed } },
      { ...closed, $defs: { A: closed, B: closed } },
    ],
  ];
  test.each(rows)('%s', (_, given, expected) => {
    expect(parametersOf(given)).toEqual(expected);
  });

  test('what goes together is told in words when a union is merged', () => {
    const input_schema = {
      anyOf: [
        { properties: { a: {}, b: {} }, required: ['a', 'b'] },
        { properties: { c: {}, d: {} }, required: [] },
      ],
    };
    expect(
      checkTools([{ type: 'function', name: 'f', description: 'Does it.', parameters: input_schema }]).tools,
    ).toMatchObject([{ description: 'Does it.\n\nGive one of these sets of fields: (a, b) or (c, d).' }]);
  });

  test('nothing else is touched, and never the client’s own object', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { default: 1, maximum: 9_007_199_254_740_991, exclusiveMinimum: 0 },
        b: { oneOf: [{ const: 'x' }, { const: 'y' }] },
        c: { $ref: '#/$defs/c' },
        d: { type: 'object', additionalProperties: { type: 'string' }, propertyNames: { maxLength: 3 } },
        default: { type: 'string' },
      },
      required: ['a'],
      additionalProperties: false,
      $defs: { c: { type: 'object', properties: { c: { $ref: '#/$defs/c' } } } },
    };
    const before = structuredClone(schema);
    expect(parametersOf(schema)).toEqual(before);
    parametersOf({ ...schema, $schema: 'x', properties: { z: { type: 'array' } } });
    expect(schema).toEqual(before);
  });

  test('a definition that names itself comes to an end', () => {
    const schema = { $ref: '#/$defs/A', $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, closed] } } };
    expect(parametersOf(schema)).toMatchObject({ type: 'object', properties: { a: {} } });
  });

  test('a few definitions that stand for millions come to an end, too', () => {
    const anyOf = Array.from({ length: 50 }, () => ({ $ref: '#/$defs/A' }));
    expect(parametersOf({ anyOf, $defs: { A: { anyOf, properties: { a: {} } } } })).toMatchObject({
      type: 'object',
      properties: { a: {} },
    });
  });

  const strictness: [string, unknown, boolean][] = [
    ['closed, all required', closed, true],
    ['open', { ...closed, additionalProperties: true }, false],
    ['one not required', { ...closed, required: [] }, false],
    ['a default inside', { ...closed, properties: { a: { type: 'string', default: 'x' } } }, false],
    ['a property named default', { ...closed, properties: { default: {} }, required: ['default'] }, true],
    [
      'an open object inside an array',
      { ...closed, properties: { a: { items: { type: 'object' } } } },
      false,
    ],
    ['anyOf inside', { ...closed, properties: { a: { anyOf: [{ type: 'string' }, closed] } } }, true],
    ['oneOf inside', { ...closed, properties: { a: { oneOf: [{ type: 'string' }] } } }, false],
    ['an open definition', { ...closed, $defs: { x: { type: 'object', properties: {} } } }, false],
  ];
  test.each(strictness)('strict rules: %s', (_, schema, expected) => {
    expect(isStrict(schema)).toBe(expected);
  });
});
