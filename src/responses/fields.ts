// What came over the wire may be anything.

export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every dialect counts `null` as absent. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
