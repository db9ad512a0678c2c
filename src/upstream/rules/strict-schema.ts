// What `strict: true` requires of a schema (docs/wire/openai.md#strict-schema), reported in the words of OpenAI's API.
import { Failure } from '../../failure.ts';
import { type Fields, isObject } from '../../responses/fields.ts';
import { listed, named, propertiesOf, requiredOf, single } from '../../responses/json-schema.ts';

/** Throws for an object that is not closed or has an optional property, at any depth. */
export function checkStrictFormat(schema: Fields, name: unknown): void {
  const problem = problemIn(schema, []);
  if (problem === undefined) return;
  throw new Failure('invalid_request', `Invalid schema for response_format '${name}': ${problem}`, {
    param: 'text.format.schema',
    code: 'invalid_json_schema',
    advice: 'Correct the schema, or send `strict: false`.',
  });
}

function problemIn(schema: unknown, path: readonly string[]): string | undefined {
  if (!isObject(schema)) return undefined;
  const problem = objectProblem(schema);
  if (problem !== undefined) return `In context=(${path.map((step) => `'${step}'`).join(', ')}), ${problem}`;
  for (const [steps, inner] of innerSchemas(schema)) {
    const found = problemIn(inner, [...path, ...steps]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function objectProblem(schema: Fields): string | undefined {
  if (![schema.type].flat().includes('object')) return undefined;
  if (schema.additionalProperties !== false) {
    return "'additionalProperties' is required to be supplied and to be false.";
  }
  const required = requiredOf(schema);
  const missing = Object.keys(propertiesOf(schema)).find((name) => !required.includes(name));
  return missing === undefined
    ? undefined
    : `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}

function innerSchemas(schema: Fields): [steps: string[], inner: unknown][] {
  return [...named, ...listed, ...single].flatMap((key): [string[], unknown][] => {
    const value = schema[key];
    if (!named.includes(key) && !Array.isArray(value)) return [[[key], value]];
    return Object.entries(value ?? {}).map(([name, inner]) => [[key, name], inner]);
  });
}
