// Parses values from JSON, which may be anything.
import { ExactNumber, parseExact } from '../base/exact-json.ts';

export { type Fields, isObject } from '../base/object.ts';

/** The value of a JSON text, its numbers exact; undefined if the text is not JSON. */
export function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** The value as an ordinary number, to calculate with; undefined if it is not a number. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof ExactNumber ? value.valueOf() : undefined;
}

/** Every API counts `null` as absent. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
