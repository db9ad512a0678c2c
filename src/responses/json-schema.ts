// The structure of JSON schemas, and which of them the upstream accepts with `strict: true`.
import { type Fields, isObject } from './fields.ts';

/** Keywords that contain schemas: under names, in a list, or one. */
export const schemaMapKeys = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
export const schemaListKeys = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
export const schemaKeys = ['items', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'];

export function propertiesOf({ properties }: Fields): Fields {
  return isObject(properties) ? properties : {};
}

export function requiredOf({ required }: Fields): unknown[] {
  return Array.isArray(required) ? required : [];
}

const notStrict = ['default', 'oneOf', 'allOf', 'not', 'patternProperties'];

/** Whether the upstream accepts the schema with `strict: true`. */
export function isStrict(schema: unknown): boolean {
  if (!isObject(schema)) return typeof schema !== 'boolean';
  if (notStrict.some((key) => key in schema)) return false;
  if (isObject(schema.properties) || schema.type === 'object') {
    if (schema.additionalProperties !== false) return false;
    const required = requiredOf(schema);
    if (!Object.keys(propertiesOf(schema)).every((name) => required.includes(name))) return false;
  }
  return inside(schema).every(isStrict);
}

function inside(schema: Fields): unknown[] {
  return [
    ...schemaMapKeys.flatMap((key) => (isObject(schema[key]) ? Object.values(schema[key]) : [])),
    ...schemaListKeys.flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : [])),
    ...schemaKeys.flatMap((key) => (key in schema ? schema[key] : [])),
  ];
}
