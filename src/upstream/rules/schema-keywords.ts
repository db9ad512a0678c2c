// The values that JSON Schema 2020-12 allows for its plain keywords (https://json-schema.org/draft/2020-12/schema). The
// upstream validates every schema against them and refuses the whole request: "None is not of type 'string'".
import { type Fields, isObject, numberOf } from '../../responses/fields.ts';

const texts = ['title', 'description', 'pattern', 'format', '$ref', '$id', '$comment', '$anchor'];
const limits = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const counts = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];
const flags = ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'];
const lists = ['enum', 'examples'];

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => numberOf(value) !== undefined;
const isCount = (value: unknown) => Number.isInteger(numberOf(value)) && Number(value) >= 0;
const isFlag = (value: unknown) => typeof value === 'boolean';

const allowed = new Map<string, (value: unknown) => boolean>([
  ...texts.map((key) => [key, isText] as const),
  ...limits.map((key) => [key, isNumber] as const),
  ...counts.map((key) => [key, isCount] as const),
  ...flags.map((key) => [key, isFlag] as const),
  ...lists.map((key) => [key, Array.isArray] as const),
  ['dependentRequired', isObject],
]);

/** Keywords that do not restrict anything. */
const descriptive = new Set([
  'title',
  'description',
  '$id',
  '$comment',
  '$anchor',
  'examples',
  ...flags.slice(1),
]);

/** Removes, in place, keywords whose value JSON Schema does not allow. Returns whether one of them restricted anything. */
export function removeInvalidKeywords(schema: Fields): boolean {
  let restricted = false;
  for (const [key, value] of Object.entries(schema)) {
    const isAllowed = allowed.get(key);
    if (isAllowed === undefined || isAllowed(value)) continue;
    delete schema[key];
    if (value !== null && value !== false && !descriptive.has(key)) restricted = true;
  }
  return restricted;
}

/** JSON Schema 4, which OpenAPI 3.0 uses: `exclusiveMinimum: true` beside `minimum: 0` is `exclusiveMinimum: 0` today. */
export function modernizeLimits(schema: Fields): void {
  for (const [limit, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (schema[exclusive] !== true || numberOf(schema[limit]) === undefined) continue;
    schema[exclusive] = schema[limit];
    delete schema[limit];
  }
}
