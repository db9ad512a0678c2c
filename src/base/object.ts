// Checks for values from outside, which may be anything.
import { ExactNumber } from './exact-json.ts';

export type Fields = Record<string, unknown>;

/** Whether the value is a JSON object. An `ExactNumber` is a number. */
export function isObject(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** The value if it is a string that is not empty. */
export function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
