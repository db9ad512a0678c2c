// Checks the requirements of `strict: true` on the schema of a function or of structured output
// (docs/wire/openai.md#strict-schema), because the upstream fails late and without details (Soju06/codex-lb#658).
import { type Fields, isObject } from '../../responses/fields.ts';
import { invalid } from './check.ts';

type RefusalCode = 'invalid_function_parameters' | 'invalid_json_schema';

/** Throws a 400 that names the place if `strict` does not allow the schema. */
export function checkStrictSchema(schema: Fields, param: string, code: RefusalCode): void {
  const problem = problemIn(schema, '');
  if (problem !== undefined) throw invalid(param, `Invalid schema for \`strict: true\`: ${problem}.`, code);
}

/** The first problem in the schema at `path`, with its place. */
function problemIn(schema: Fields, path: string): string | undefined {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const own = isObjectSchema(schema) ? objectProblem(schema, Object.keys(properties), path) : undefined;
  if (own !== undefined) return own;
  for (const [name, child] of childrenOf(schema, properties)) {
    const found = isObject(child) ? problemIn(child, path === '' ? name : `${path}.${name}`) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObjectSchema(schema: Fields): boolean {
  const { type } = schema;
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(schema.properties);
}

function objectProblem(schema: Fields, names: string[], path: string): string | undefined {
  const where = path === '' ? 'the schema' : `\`${path}\``;
  if (schema.additionalProperties !== false) return `${where} needs \`additionalProperties: false\``;
  const required = Array.isArray(schema.required) ? schema.required : [];
  const missing = names.filter((name) => !required.includes(name));
  return missing.length === 0 ? undefined : `${where} must list \`${missing.join('`, `')}\` in \`required\``;
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
