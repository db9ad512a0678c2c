// Reads fields of Ollama requests. Each reader throws a 400 that names an invalid field (docs/wire/ollama.md#transport); `null`
// counts as absent.

import { clip } from '../../base/clip.ts';
import { Failure } from '../../failure.ts';
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { Dropped } from '../../responses/request.ts';
import { dropped, hint } from '../dropped.ts';

export function invalid(param: string, message: string): Failure {
  return new Failure('invalid_request', message, { param });
}

export function fieldsAt(value: unknown, path: string): Fields {
  if (isObject(value)) return value;
  throw invalid(path, `${path} must be an object`);
}

/** Empty for null and undefined. */
export function listAt(value: unknown, path: string): unknown[] {
  if (!isSet(value)) return [];
  if (Array.isArray(value)) return value;
  throw invalid(path, `${path} must be an array`);
}

/** Empty for null and undefined. */
export function textAt(value: unknown, path: string): string {
  if (!isSet(value)) return '';
  if (typeof value === 'string') return value;
  throw invalid(path, `${path} must be a string`);
}

/** Undefined for null and undefined. */
export function flagAt(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw invalid(path, `${path} must be true or false`);
}

/** A client's value, shortened for a message. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return clip(text, 80);
}

export function modelOf(body: Fields): string {
  const model = textAt(body.model, 'model');
  if (model !== '') return model;
  throw invalid('model', 'model is required');
}

const noOption = 'The upstream has no such option.';
const ofLocalModels = hint('It applies only to local models.');

/** The fields that are set but not supported. `ollama run` sends most of them empty. */
export function droppedOf(
  body: Fields,
  { supported, hints, prefix = '' }: { supported: Set<string>; hints: Set<string>; prefix?: string },
): Dropped[] {
  return Object.keys(body)
    .filter((field) => isSet(body[field]) && body[field] !== '' && !supported.has(field))
    .map((field) => dropped(prefix + quoted(field), hints.has(field) ? ofLocalModels : noOption));
}
