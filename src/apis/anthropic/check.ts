// Reads fields of Anthropic requests. Each reader throws a 400 with `<path>: <reason>` if a value is invalid; `null` counts
// as absent.

import { clip } from '../../base/clip.ts';
import { Failure } from '../../failure.ts';
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { Dropped } from '../../responses/request.ts';
import { knownWord } from '../../responses/words.ts';
import { dropped, hint, type Reason } from '../dropped.ts';

export function invalid(path: string, reason: string, advice?: string): Failure {
  return new Failure('invalid_request', `${path}: ${reason}`, {
    param: path,
    ...(advice === undefined ? {} : { advice }),
  });
}

export function fieldsAt(value: unknown, path: string): Fields {
  if (isObject(value)) return value;
  throw invalid(path, isSet(value) ? 'Input should be an object' : 'Field required');
}

/** Absent for null and undefined. */
export function optionalFields(value: unknown, path: string): Fields | undefined {
  return isSet(value) ? fieldsAt(value, path) : undefined;
}

/** Empty for null and undefined. */
export function listAt(value: unknown, path: string): unknown[] {
  if (!isSet(value)) return [];
  if (Array.isArray(value)) return value;
  throw invalid(path, 'Input should be a list');
}

/** Absent for null and undefined. */
export function optionalText(value: unknown, path: string): string | undefined {
  if (!isSet(value)) return undefined;
  if (typeof value === 'string') return value;
  throw invalid(path, 'Input should be a string');
}

/** One of the words, in any case; absent for null and undefined. */
export function wordAt(value: unknown, path: string, words: readonly string[]): string | undefined {
  const text = optionalText(value, path);
  if (text === undefined) return undefined;
  const word = knownWord(text, words);
  if (word !== undefined) return word;
  throw invalid(path, `Input should be one of \`${words.join('`, `')}\`, not \`${quoted(text)}\``);
}

export function textAt(value: unknown, path: string): string {
  const text = optionalText(value, path);
  if (text !== undefined) return text;
  throw invalid(path, 'Field required');
}

export function nameAt(value: unknown, path: string): string {
  const name = textAt(value, path);
  if (name !== '') return name;
  throw invalid(path, 'Input should have at least 1 character');
}

/** False for null and undefined. */
export function flagAt(value: unknown, path: string): boolean {
  if (!isSet(value)) return false;
  if (typeof value === 'boolean') return value;
  throw invalid(path, 'Input should be true or false');
}

/** A client's value, shortened for a message. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return clip(text, 80);
}

export const cacheReason = hint('The upstream manages its prompt cache itself.');

/** Ignored fields of a request, each listed once. */
export class DroppedFields {
  readonly #reasons = new Map<string, Reason>();

  get list(): Dropped[] {
    return [...this.#reasons].map(([field, reason]) => dropped(field, reason));
  }

  add(field: string, reason: Reason): void {
    if (!this.#reasons.has(field)) this.#reasons.set(field, reason);
  }

  /** `cache_control` may be on any block or tool. */
  cacheControl(holder: Fields): void {
    if (isSet(holder.cache_control)) {
      this.add('cache_control', cacheReason);
    }
  }
}
