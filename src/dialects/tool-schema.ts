// Schemas of tools as the upstream takes them (reference/anthropic-api.md 5.1 and 5.2, ollama-api.md 4.1). Copies: the
// client's own object stays as it is, and nothing is touched but what the upstream refuses.
import { type Fields, isObject, isSet } from '../responses/fields.ts';

/** Where the schemas inside a schema stand: under names, in a list, or alone. */
const named = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const listed = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const single = ['items', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'];
const mayBeNull = [...named, ...listed, ...single, 'additionalProperties', 'required'];

export interface ToolSchema {
  parameters: Fields;
  /** What the schema cannot say any more, for the tool's description. */
  note: string | undefined;
}

export function toolSchema(given: Fields): ToolSchema {
  const root = cleaned(referenced(given, given));
  for (const key of ['$schema', 'cache_control', 'enum', 'not']) delete root[key];
  const { schema, note } = new Unions(root).merge(root);
  return { parameters: { ...schema, type: 'object', properties: propertiesOf(schema) }, note };
}

/** The schema that `schema` stands for, when it is a bare reference: upstream a root must be an object itself. */
function referenced(schema: Fields, root: Fields): Fields {
  const reference = typeof schema.$ref === 'string' ? schema.$ref : '';
  const [, group, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const definitions = group === undefined ? undefined : root[group];
  const definition = isObject(definitions) && name !== undefined ? definitions[name] : undefined;
  if (!isObject(definition) || definition === schema) return schema;
  const { $ref: _, ...beside } = schema;
  return { ...definition, ...beside };
}

/** Recursively: what the upstream refuses even of a schema that is not strict. Go's types make keys that are null. */
function cleaned(schema: Fields): Fields {
  const copy: Fields = { ...schema };
  for (const key of named) if (isObject(copy[key])) copy[key] = cleanedNames(copy[key]);
  for (const key of listed) if (Array.isArray(copy[key])) copy[key] = copy[key].map(cleanedMember);
  for (const key of single) if (key in copy) copy[key] = cleanedMember(copy[key]);
  if (Array.isArray(copy.items)) copy.items = copy.items.map(cleanedMember);
  if (isObject(copy.additionalProperties)) copy.additionalProperties = cleaned(copy.additionalProperties);
  for (const key of mayBeNull) if (copy[key] === null) delete copy[key];
  if (Array.isArray(copy.required))
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

/** Definitions can name each other without end, and a few of them can stand for millions. */
const referenceLimit = 100;

class Unions {
  #references = 0;

  constructor(private readonly root: Fields) {}

  /** `allOf` as one object; `anyOf` and `oneOf` as one with all their properties, and a note of what goes together. */
  merge(schema: Fields): { schema: Fields; note: string | undefined } {
    const { allOf, anyOf, oneOf, ...whole } = schema;
    const branches = [...this.#members(anyOf), ...this.#members(oneOf)];
    const choice = branches.length === 0 ? [] : [joined(branches, 'anyOf')];
    const parts = [...this.#members(allOf), ...choice];
    return {
      schema: parts.length === 0 ? whole : { ...whole, ...joined([whole, ...parts], 'allOf') },
      note: branches.length === 0 ? undefined : noteOf(branches),
    };
  }

  #members(union: unknown): Fields[] {
    const members = Array.isArray(union) ? union.filter(isObject) : [];
    return members.map((member) => this.merge(this.#definition(member)).schema);
  }

  #definition(member: Fields): Fields {
    if (!('$ref' in member) || this.#references >= referenceLimit) return member;
    this.#references++;
    return referenced(member, this.root);
  }
}

/** One object for several of which all hold, or any: only what the upstream takes at the root. */
function joined(parts: Fields[], how: 'allOf' | 'anyOf'): Fields {
  const isClosed = ({ additionalProperties }: Fields) => additionalProperties === false;
  const required = parts.map((part) => new Set(requiredOf(part)));
  const names = [...new Set(required.flatMap((each) => [...each]))];
  const closed = how === 'allOf' ? parts.some(isClosed) : parts.every(isClosed);
  return {
    properties: joinedProperties(parts.map(propertiesOf), how),
    required: names.filter((name) => how === 'allOf' || required.every((each) => each.has(name))),
    ...(closed ? { additionalProperties: false } : {}),
  };
}

/** A property that the parts describe differently is all of that, or any. */
function joinedProperties(parts: Fields[], how: 'allOf' | 'anyOf'): Fields {
  const forms = new Map<string, Map<string, unknown>>();
  for (const [name, schema] of parts.flatMap((part) => Object.entries(part))) {
    const known = forms.get(name) ?? new Map<string, unknown>();
    forms.set(name, known.set(JSON.stringify(schema), schema));
  }
  const whole = (schemas: unknown[]) => (schemas.length === 1 ? schemas[0] : { [how]: schemas });
  return Object.fromEntries([...forms].map(([name, known]) => [name, whole([...known.values()])]));
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
