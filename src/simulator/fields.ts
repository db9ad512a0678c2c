// A JSON object, before anybody checked what is in it.
import { ExactNumber } from '../stream/exact-json.ts';

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}
