// The basic checks that all rules use. Each throws the model API's own 400.
import { type Fields, isObject } from '../../base/object.ts';
import { invalid, missing, tooLong, unknownParameter, wrongType, wrongValue } from '../refusal.ts';

export function fieldsAt(value: unknown, param: string): Fields {
  if (!isObject(value)) throw wrongType(param, 'an object', value);
  return value;
}

export function arrayAt(value: unknown, param: string): unknown[] {
  if (!Array.isArray(value)) throw wrongType(param, 'an array', value);
  return value;
}

/** The required string under `key`. */
export function textAt(of: Fields, key: string, param: string, limit?: number): string {
  const value = of[key];
  if (value === undefined) throw missing(`${param}.${key}`);
  if (typeof value !== 'string') throw wrongType(`${param}.${key}`, 'a string', value);
  if (limit !== undefined && value.length > limit) throw tooLong(`${param}.${key}`, value.length, limit);
  return value;
}

/** Accepts absent and null. */
export function checkType(value: unknown, type: 'string' | 'boolean', param: string): void {
  if (value === undefined || value === null || typeof value === type) return;
  throw wrongType(param, `a ${type}`, value);
}

/** Accepts absent and null. */
export function checkWord(value: unknown, allowed: readonly string[], param: string): void {
  if (value === undefined || value === null) return;
  if (!allowed.includes(value as string)) throw wrongValue(param, value, allowed);
}

export function checkKeys(of: Fields, allowed: readonly string[], param: string): void {
  for (const key of Object.keys(of)) {
    if (!allowed.includes(key)) throw unknownParameter(param ? `${param}.${key}` : key);
  }
}

/** The name of a tool, as declared or as called. */
export function toolNameAt(of: Fields, param: string): string {
  const name = textAt(of, 'name', param, 64);
  if (/^[a-zA-Z0-9_-]+$/.test(name)) return name;
  throw invalid(
    `Invalid '${param}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
    `${param}.name`,
    'invalid_value',
  );
}
