// Checks the requirements of `strict: true` on a function's schema (docs/wire/openai.md#chat-tools), because the upstream fails
// late and without details (Soju06/codex-lb#658).
import { type Fields, isObject } from '../../responses/fields.ts';
import { invalid } from './check.ts';

/** Throws a 400 that names the place if `strict` does not allow the schema. */
export function checkStrictSchema(schema: Fields, param: string): void {
  check(schema, param, '');
}

function check(schema: Fields, param: string, path: string): void {
  const properties = isObject(schema.properties) ? schema.properties : {};
  if (isObjectSchema(schema)) checkObject(schema, Object.keys(properties), param, path);
  for (const [name, child] of childrenOf(schema, properties)) {
    if (isObject(child)) check(child, param, path === '' ? name : `${path}.${name}`);
  }
}

function isObjectSchema(schema: Fields): boolean {
  const { type } = schema;
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(schema.properties);
}

function checkObject(schema: Fields, names: string[], param: string, path: string): void {
  const where = path === '' ? 'the schema' : `\`${path}\``;
  if (schema.additionalProperties !== false) {
    throw refused(param, `${where} needs \`additionalProperties: false\``);
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  const missing = names.filter((name) => !required.includes(name));
  if (missing.length > 0)
    throw refused(param, `${where} must list \`${missing.join('`, `')}\` in \`required\``);
}

function refused(param: string, problem: string) {
  return invalid(param, `Invalid schema for \`strict: true\`: ${problem}.`, 'invalid_function_parameters');
}

function* childrenOf(schema: Fields, properties: Fields): Generator<[string, unknown]> {
  yield* Object.entries(properties);
  for (const key of ['$defs', 'definitions'] as const) {
    const group = schema[key];
    if (isObject(group)) yield* Object.entries(group);
  }
  yield ['items', schema.items];
  for (const key of ['anyOf', 'allOf', 'oneOf'] as const) {
    const branches = schema[key];
    if (Array.isArray(branches)) yield* branches.map((each): [string, unknown] => [key, each]);
  }
}
