// Reads fields of OpenAI requests. Each reader throws a 400 that names an invalid field (docs/wire/openai.md#errors).

import { clip } from '../../base/clip.ts';
import { Failure } from '../../failure.ts';
import { type Fields, isObject, numberOf } from '../../responses/fields.ts';

export type InvalidCode =
  | 'missing_required_parameter'
  | 'invalid_type'
  | 'invalid_value'
  | 'unsupported_value'
  | 'unsupported_parameter'
  | 'unknown_parameter'
  | 'invalid_function_parameters'
  | 'invalid_json_schema'
  | 'unsupported_tool'
  | 'item_not_found'
  | 'previous_response_not_found';

export function invalid(
  param: string | undefined,
  message: string,
  code?: InvalidCode,
  advice?: string,
): Failure {
  return new Failure('invalid_request', message, {
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
    ...(advice === undefined ? {} : { advice }),
  });
}

/** A client's value, shortened for a message. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return clip(text, 100).toWellFormed();
}

/** The value as an object. */
export function fields(value: unknown, param: string): Fields {
  if (isObject(value)) return value;
  throw invalid(param, `\`${param}\` must be an object.`, 'invalid_type');
}

/** The value as an array; absent for null and undefined. */
export function optionalArray(value: unknown, param: string): unknown[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value;
  throw invalid(param, `\`${param}\` must be an array.`, 'invalid_type');
}

/** The value as a string; absent for null and undefined. */
export function optionalString(value: unknown, param: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalid(param, `\`${param}\` must be a string.`, 'invalid_type');
}

export function requiredString(value: unknown, param: string): string {
  const text = optionalString(value, param);
  if (text) return text;
  throw invalid(
    param,
    `\`${param}\` is required and must be a non-empty string.`,
    'missing_required_parameter',
  );
}

/** The value as a boolean; absent for null and undefined. */
export function optionalBoolean(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw invalid(param, `\`${param}\` must be true or false.`, 'invalid_type');
}

/** The value as an integer of at least 1; absent for null and undefined. */
export function optionalCount(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const count = numberOf(value) ?? Number.NaN;
  if (Number.isInteger(count) && count >= 1) return count;
  throw invalid(param, `\`${param}\` must be an integer of at least 1.`, 'invalid_value');
}
