// The requirements of `strict: true` on a JSON schema, and of all function parameters, with the public API's messages.
import { ExactNumber } from '../../base/exact-json.ts';
import { isObject } from '../../base/object.ts';
import { invalid } from '../refusal.ts';

export interface SchemaOwner {
  /** `function` or `response_format`. */
  kind: string;
  name: string;
  param: string;
  code: 'invalid_function_parameters' | 'invalid_json_schema';
}

/** Parameters must be an object schema without a union at the top. */
export function checkParameters(schema: unknown, owner: SchemaOwner): void {
  const type = isObject(schema) ? schema.type : undefined;
  if (!isObject(schema) || type !== 'object') {
    throw wrong(
      owner,
      `schema must be a JSON Schema of 'type: "object"', got 'type: "${type === undefined ? 'None' : String(type)}"'.`,
    );
  }
  const union = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'].find((word) => word in schema);
  if (union) {
    throw wrong(
      owner,
      "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
    );
  }
}

/** Schemas that are not strict are checked too: for types, names under `properties`, and items of arrays. */
export function checkLooseSchema(schema: unknown, owner: SchemaOwner, path: string[] = []): void {
  if (!isObject(schema)) return;
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}), `;
  if (path.length === 0 && schema.properties === undefined) {
    throw wrong(owner, `${context}object schema missing properties.`);
  }
  if (schema.properties !== undefined && !isObject(schema.properties)) {
    throw wrong(owner, `${JSON.stringify(schema.properties)} is not of type 'object'.`);
  }
  if (schema.required !== undefined && !Array.isArray(schema.required)) {
    throw wrong(owner, `${JSON.stringify(schema.required)} is not of type 'array'.`);
  }
  const types = [schema.type ?? []].flat();
  const odd = types.find((type) => !knownTypes.includes(String(type)));
  if (odd !== undefined) throw wrong(owner, `'${String(odd)}' is not valid under any of the given schemas.`);
  if (types.includes('array') && schema.items === undefined) {
    throw wrong(owner, `${context}array schema missing items.`);
  }
  if (Array.isArray(schema.items)) {
    throw wrong(owner, `${JSON.stringify(schema.items)} is not of type 'object', 'boolean'.`);
  }
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    if (Array.isArray(schema[word]) && schema[word].length === 0)
      throw wrong(owner, '[] should be non-empty.');
  }
  for (const [word, type] of Object.entries(keywordTypes)) {
    if (word in schema && !isOfType(schema[word], type)) {
      throw wrong(owner, `${JSON.stringify(schema[word])} is not of type '${type}'.`);
    }
  }
  for (const word of ['properties', '$defs', 'definitions']) {
    if (!isObject(schema[word])) continue;
    for (const [key, member] of Object.entries(schema[word])) {
      checkLooseSchema(member, owner, [...path, word, key]);
    }
  }
  for (const word of ['items', 'additionalProperties'])
    checkLooseSchema(schema[word], owner, [...path, word]);
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    if (!Array.isArray(schema[word])) continue;
    for (const [i, member] of schema[word].entries())
      checkLooseSchema(member, owner, [...path, word, String(i)]);
  }
}

/** From JSON Schema 2020-12; the upstream checks more than these. */
const keywordTypes = {
  title: 'string',
  description: 'string',
  pattern: 'string',
  format: 'string',
  $ref: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  minLength: 'number',
  maxLength: 'number',
  minItems: 'number',
  maxItems: 'number',
  uniqueItems: 'boolean',
  enum: 'array',
};

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  return typeof value === type || (type === 'number' && value instanceof ExactNumber);
}

const knownTypes = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** Every object must be closed and every property required, at any depth. */
export function checkStrictSchema(schema: unknown, owner: SchemaOwner, path: string[] = []): void {
  if (Array.isArray(schema)) {
    for (const [i, member] of schema.entries()) checkStrictSchema(member, owner, [...path, String(i)]);
    return;
  }
  if (!isObject(schema)) return;
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}), `;
  if (schema.type === 'object') {
    if (schema.additionalProperties !== false) {
      throw wrong(owner, `${context}'additionalProperties' is required to be supplied and to be false.`);
    }
    const properties = Object.keys(isObject(schema.properties) ? schema.properties : {});
    const required = Array.isArray(schema.required) ? schema.required : [];
    const left = properties.find((key) => !required.includes(key));
    if (left !== undefined) {
      throw wrong(
        owner,
        `${context}'required' is required to be supplied and to be an array including every key in properties. Missing '${left}'.`,
      );
    }
  }
  for (const word of ['properties', '$defs', 'definitions']) {
    if (!isObject(schema[word])) continue;
    for (const [key, member] of Object.entries(schema[word])) {
      checkStrictSchema(member, owner, [...path, word, key]);
    }
  }
  for (const word of ['items', 'anyOf']) checkStrictSchema(schema[word], owner, [...path, word]);
}

function wrong(owner: SchemaOwner, problem: string) {
  return invalid(`Invalid schema for ${owner.kind} '${owner.name}': ${problem}`, owner.param, owner.code);
}
