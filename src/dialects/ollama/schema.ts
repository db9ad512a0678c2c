// Schemas as the upstream takes them (reference/ollama-api.md 4.1 and 4.4). Copies: nothing is touched but what it refuses.
import { type Fields, isObject } from '../../responses/fields.ts';

/** Where the schemas inside a schema stand: under names, in a list, or alone. */
const named = ['properties', 'patternProperties', '$defs', 'definitions'];
const listed = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const single = ['items', 'additionalProperties', 'not'];

/** The parameters of a tool: an object with properties, whatever is missing of it. */
export function parametersOf(schema: Fields): Fields {
  const { $schema: _, ...root } = cleaned(schema);
  return { ...root, type: 'object', properties: isObject(root.properties) ? root.properties : {} };
}

/** Lists without items and keys that are null are refused upstream; Ollama's own types make both. */
function cleaned(schema: Fields): Fields {
  const copy: Fields = {};
  for (const [key, value] of Object.entries(schema)) {
    if (value === null && (named.includes(key) || single.includes(key) || key === 'required')) continue;
    if (named.includes(key) && isObject(value)) {
      copy[key] = Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, cleanedMember(each)]),
      );
    } else if (listed.includes(key) && Array.isArray(value)) copy[key] = value.map(cleanedMember);
    else copy[key] = single.includes(key) ? cleanedMember(value) : value;
  }
  const isList = copy.type === 'array' || (Array.isArray(copy.type) && copy.type.includes('array'));
  return isList && copy.items === undefined ? { ...copy, items: {} } : copy;
}

function cleanedMember(schema: unknown): unknown {
  return isObject(schema) ? cleaned(schema) : schema;
}

const notStrict = ['default', 'oneOf', 'allOf', 'not', 'patternProperties'];

/** Whether the upstream takes the schema with `strict: true` (trap 42). */
export function isStrict(schema: unknown): boolean {
  if (!isObject(schema)) return typeof schema !== 'boolean';
  if (notStrict.some((key) => key in schema)) return false;
  const properties = isObject(schema.properties) ? schema.properties : {};
  if (schema.type === 'object' || isObject(schema.properties)) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    const whole = Object.keys(properties).every((name) => required.includes(name));
    if (schema.additionalProperties !== false || !whole) return false;
  }
  const groups = ['$defs', 'definitions'].map((key) => schema[key]).filter(isObject);
  const members = [...listed, 'items'].flatMap((key) => schema[key] ?? []);
  return [...Object.values(properties), ...groups.flatMap((group) => Object.values(group)), ...members].every(
    isStrict,
  );
}
