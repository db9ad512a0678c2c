// Schemas of tools as the upstream takes them (reference/anthropic-api.md 5.1 and 5.2). Copies: the client's own object
// stays as it is, and nothing is touched but what the upstream refuses.
import { isObject } from '../../../responses/fields.ts';
import { type Fields, invalid, isSet } from '../check.ts';

/** Where the schemas inside a schema stand: under names, in a list, or alone. */
const named = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const listed = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const single = ['items', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'];

export interface ToolSchema {
  parameters: Fields;
  /** What the schema cannot say any more, for the tool's description. */
  note: string | undefined;
}

export function toolSchema(value: unknown, path: string): ToolSchema {
  if (!isSet(value)) throw invalid(path, 'Field required');
  if (!isObject(value)) throw invalid(path, 'Input should be an object');
  if (!isObjectType(value.type)) throw invalid(`${path}.type`, 'Input should be `object`');
  const root = cleaned(referenced(value, value));
  for (const key of ['$schema', 'cache_control', 'enum', 'not']) delete root[key];
  const { schema, note } = merged(root, root);
  return { parameters: { ...schema, type: 'object', properties: propertiesOf(schema) }, note };
}

function isObjectType(type: unknown): boolean {
  return !isSet(type) || type === 'object' || (Array.isArray(type) && type.includes('object'));
}

/** The schema that `schema` stands for, when it is a bare reference: upstream a root must be an object itself. */
function referenced(schema: Fields, root: Fields): Fields {
  const [, group, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String(schema.$ref)) ?? [];
  const definitions = group === undefined ? undefined : root[group];
  const definition = isObject(definitions) && name !== undefined ? definitions[name] : undefined;
  if (!isObject(definition) || definition === schema) return schema;
  const { $ref: _, ...beside } = schema;
  return { ...definition, ...beside };
}

/** Recursively: what the upstream refuses even of a schema that is not strict. */
function cleaned(schema: Fields): Fields {
  const copy: Fields = { ...schema };
  for (const key of named) if (isObject(copy[key])) copy[key] = cleanedNames(copy[key]);
  for (const key of listed) if (Array.isArray(copy[key])) copy[key] = copy[key].map(cleanedMember);
  for (const key of single) if (key in copy) copy[key] = cleanedMember(copy[key]);
  if (Array.isArray(copy.items)) copy.items = copy.items.map(cleanedMember);
  if (isObject(copy.additionalProperties)) copy.additionalProperties = cleaned(copy.additionalProperties);
  if (copy.properties === null) delete copy.properties;
  if (copy.required === null) delete copy.required;
  else if (Array.isArray(copy.required))
    copy.required = copy.required.filter((name) => !isForbidden(schema, name));
  if (isArrayType(copy.type) && !isSet(copy.items)) copy.items = {};
  return copy;
}

function cleanedNames(schemas: Fields): Fields {
  const kept = Object.entries(schemas).filter(([, schema]) => schema !== false);
  return Object.fromEntries(kept.map(([name, schema]) => [name, cleanedMember(schema)]));
}

/** `true` and `false` are schemas too; only where names are forbidden by it does the latter mean anything here. */
function cleanedMember(schema: unknown): unknown {
  if (typeof schema === 'boolean') return {};
  return isObject(schema) ? cleaned(schema) : schema;
}

function isForbidden({ properties }: Fields, name: unknown): boolean {
  return isObject(properties) && typeof name === 'string' && properties[name] === false;
}

function isArrayType(type: unknown): boolean {
  return type === 'array' || (Array.isArray(type) && type.includes('array'));
}

// --- unions at the root ---

/** Unions of unions, and of definitions that name themselves, are followed so far. */
const depthLimit = 5;

/** `allOf` as one object; `anyOf` and `oneOf` as one object with all their properties, and a note of what goes together. */
function merged(schema: Fields, root: Fields, depth = 0): { schema: Fields; note: string | undefined } {
  const { allOf, anyOf, oneOf, ...whole } = schema;
  const members = (union: unknown) =>
    (Array.isArray(union) && depth < depthLimit ? union : [])
      .filter(isObject)
      .map((member) => merged(referenced(member, root), root, depth + 1).schema);
  const together = members(allOf).reduce((all, member) => joined(all, member, 'allOf'), whole);
  const branches = [...members(anyOf), ...members(oneOf)];
  if (branches.length === 0) return { schema: together, note: undefined };
  const choice = branches.reduce((all, branch) => joined(all, branch, 'anyOf'));
  return { schema: joined(together, choice, 'allOf'), note: noteOf(branches) };
}

/** One object for two of which all hold, or any. */
function joined(a: Fields, b: Fields, how: 'allOf' | 'anyOf'): Fields {
  const names = requiredOf(a).filter((name) => how === 'allOf' || requiredOf(b).includes(name));
  const further = how === 'allOf' ? requiredOf(b).filter((name) => !names.includes(name)) : [];
  const isClosed = ({ additionalProperties }: Fields) => additionalProperties === false;
  const closed = how === 'allOf' ? [a, b].some(isClosed) : [a, b].every(isClosed);
  const { additionalProperties: _, ...fields } = { ...b, ...a };
  return {
    ...fields,
    properties: joinedProperties(propertiesOf(a), propertiesOf(b), how),
    required: [...names, ...further],
    ...(closed ? { additionalProperties: false } : {}),
  };
}

function joinedProperties(a: Fields, b: Fields, how: 'allOf' | 'anyOf'): Fields {
  const all = { ...a };
  for (const [name, schema] of Object.entries(b)) {
    const same = !(name in a) || JSON.stringify(a[name]) === JSON.stringify(schema);
    all[name] = same ? schema : { [how]: [a[name], schema] };
  }
  return all;
}

function propertiesOf({ properties }: Fields): Fields {
  return isObject(properties) ? properties : {};
}

function requiredOf({ required }: Fields): unknown[] {
  return Array.isArray(required) ? required : [];
}

function noteOf(branches: Fields[]): string {
  const sets = branches.map((branch) => {
    const needed = requiredOf(branch);
    const names = needed.length > 0 ? needed : Object.keys(propertiesOf(branch));
    return `(${names.join(', ')})`;
  });
  return `Give one of these sets of fields: ${sets.join(' or ')}.`;
}

// --- strict ---

const notStrict = ['default', 'oneOf', 'allOf', 'not', 'patternProperties'];

/** Whether the upstream takes the schema with `strict: true`. */
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
    ...named.flatMap((key) => (isObject(schema[key]) ? Object.values(schema[key]) : [])),
    ...listed.flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : [])),
    ...single.flatMap((key) => (key in schema ? schema[key] : [])),
  ];
}
