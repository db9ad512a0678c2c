// Repairs tool schemas. Even without `strict`, the upstream refuses a root that is not an object, lacks `properties` or
// is a union, and arrays without `items`. Only what the upstream refuses is changed, in a copy.
import { type Fields, isObject } from '../../responses/fields.ts';
import { propertiesOf, requiredOf } from '../../responses/json-schema.ts';
import { SchemaCleaner } from './schema-cleaner.ts';

export interface ToolSchema {
  parameters: Fields;
  /** What the repaired schema no longer expresses, for the tool's description. */
  note: string | undefined;
  /** Whether the repaired schema allows other values than the given one. */
  changesMeaning: boolean;
}

export function repairToolSchema(given: Fields): ToolSchema {
  const cleaner = new SchemaCleaner();
  const root = cleaner.clean(resolveReference(given, given));
  const isRestricted = 'enum' in root || 'not' in root;
  for (const key of ['$schema', 'cache_control', 'enum', 'not']) delete root[key];
  const { schema, note } = new Unions(root).merge(root);
  const parameters = { ...schema, type: 'object', properties: propertiesOf(schema) };
  const changesMeaning = cleaner.changesMeaning || isRestricted || note !== undefined;
  return { parameters, note, changesMeaning };
}

/** Resolves a bare reference, since the upstream requires an object at the root. */
function resolveReference(schema: Fields, root: Fields): Fields {
  const reference = typeof schema.$ref === 'string' ? schema.$ref : '';
  const [, group, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const definitions = group === undefined ? undefined : root[group];
  const definition = isObject(definitions) && name !== undefined ? definitions[name] : undefined;
  if (!isObject(definition) || definition === schema) return schema;
  const { $ref: _, ...beside } = schema;
  return { ...definition, ...beside };
}

// --- unions at the root ---

/** Definitions can refer to each other endlessly, and a few of them can expand to millions. */
const referenceLimit = 100;

class Unions {
  #references = 0;

  constructor(private readonly root: Fields) {}

  /** Merges `allOf` into one object, and `anyOf` and `oneOf` into one with all their properties and a note of the branches. */
  merge(schema: Fields): { schema: Fields; note: string | undefined } {
    const { allOf, anyOf, oneOf, ...whole } = schema;
    const branches = [...this.#members(anyOf), ...this.#members(oneOf)];
    const choice = branches.length === 0 ? [] : [joinSchemas(branches, 'anyOf')];
    const parts = [...this.#members(allOf), ...choice];
    return {
      schema: parts.length === 0 ? whole : { ...whole, ...joinSchemas([whole, ...parts], 'allOf') },
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
    return resolveReference(member, this.root);
  }
}

/** One object for schemas of which all or any apply, with the keywords that the upstream accepts at the root. */
function joinSchemas(parts: Fields[], how: 'allOf' | 'anyOf'): Fields {
  const isClosed = ({ additionalProperties }: Fields) => additionalProperties === false;
  const required = parts.map((part) => new Set(requiredOf(part)));
  const names = [...new Set(required.flatMap((each) => [...each]))];
  const closed = how === 'allOf' ? parts.some(isClosed) : parts.every(isClosed);
  return {
    properties: joinProperties(parts.map(propertiesOf), how),
    required: names.filter((name) => how === 'allOf' || required.every((each) => each.has(name))),
    ...(closed ? { additionalProperties: false } : {}),
  };
}

/** A property that the parts describe differently becomes an `allOf` or `anyOf`. */
function joinProperties(parts: Fields[], how: 'allOf' | 'anyOf'): Fields {
  const forms = new Map<string, Map<string, unknown>>();
  for (const [name, schema] of parts.flatMap((part) => Object.entries(part))) {
    const known = forms.get(name) ?? new Map<string, unknown>();
    forms.set(name, known.set(JSON.stringify(schema), schema));
  }
  const whole = (schemas: unknown[]) => (schemas.length === 1 ? schemas[0] : { [how]: schemas });
  return Object.fromEntries([...forms].map(([name, known]) => [name, whole([...known.values()])]));
}

function noteOf(branches: Fields[]): string {
  const sets = branches.map((branch) => {
    const needed = requiredOf(branch);
    const names = needed.length > 0 ? needed : Object.keys(propertiesOf(branch));
    return `(${names.join(', ')})`;
  });
  return `Give one of these sets of fields: ${sets.join(' or ')}.`;
}
