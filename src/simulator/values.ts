// Generates a value for a JSON schema, with words and numbers from the prompt if they fit.
import { type Fields, isObject } from '../base/object.ts';

/** The prompt's words and numbers, handed out in order; the last one is repeated. */
export interface Hints {
  /** The whole prompt, to find enum members in it. */
  prompt: string;
  words: string[];
  numbers: number[];
}

export function hintsOf(prompt: string): Hints {
  const quoted = [...prompt.matchAll(/"([^"]+)"|“([^”]+)”|`([^`]+)`/g)].map((m) => m[1] ?? m[2] ?? m[3]!);
  return {
    prompt,
    words: quoted.length > 0 ? quoted : properNames(prompt),
    numbers: [...prompt.matchAll(/-?\d+(?:\.\d+)?/g)].map((m) => Number(m[0])),
  };
}

/** Capitalised words that do not just begin a sentence: `What is the weather in New York?` yields `New York`. */
export function properNames(prompt: string): string[] {
  const names = prompt.matchAll(
    /(?<![.!?:]\s+|^|[\p{L}\d_])(?!I\b)\p{Lu}[\p{L}\d-]*(?: \p{Lu}[\p{L}\d-]*)*/gu,
  );
  return [...new Set([...names].map((m) => m[0]))];
}

/** The position in a schema; `depth` keeps recursive schemas finite. */
interface Place {
  hints: Hints;
  root: unknown;
  depth: number;
}
const shallow = 6;
const deepest = 24;

export function valueFor(schema: unknown, hints: Hints): unknown {
  return build(schema, { hints, root: schema, depth: 0 });
}

function build(schema: unknown, place: Place): unknown {
  if (!isObject(schema)) return place.hints.prompt;
  if (place.depth > deepest) return null;
  const inside = { ...place, depth: place.depth + 1 };
  if (typeof schema.$ref === 'string') return build(resolve(schema.$ref, place.root), inside);
  if ('const' in schema) return schema.const;
  if (isFilled(schema.enum)) return memberFor(schema.enum, place.hints);
  const union = [schema.anyOf, schema.oneOf, schema.allOf].find(isFilled);
  if (union) return build(oneOf(union, place), inside);
  return buildType(typeOf(schema), schema, inside);
}

function isFilled(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** The first member that is not null; deep down, null if the schema allows it. */
function oneOf(members: unknown[], { depth }: Place): unknown {
  const isNull = (member: unknown) => isObject(member) && member.type === 'null';
  const preferred = depth > shallow ? members.find(isNull) : members.find((member) => !isNull(member));
  return preferred ?? members[0];
}

function typeOf(schema: Fields): unknown {
  if (Array.isArray(schema.type)) return schema.type.find((type) => type !== 'null') ?? 'null';
  if (schema.type !== undefined) return schema.type;
  return 'properties' in schema ? 'object' : 'items' in schema ? 'array' : 'string';
}

function buildType(type: unknown, schema: Fields, place: Place): unknown {
  switch (type) {
    case 'object':
      return buildObject(schema, place);
    case 'array': {
      const length = Number(schema.minItems ?? (place.depth > shallow ? 0 : 1));
      return Array.from({ length }, () => build(schema.items ?? {}, place));
    }
    case 'integer':
      return Math.round(numberFor(schema, place.hints));
    case 'number':
      return numberFor(schema, place.hints);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textFor(schema, place.hints);
  }
}

/** Required properties; all of them if the schema lists none as required. */
function buildObject(schema: Fields, place: Place): Fields {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
  const keys = required.length > 0 ? required : Object.keys(properties);
  return Object.fromEntries(
    keys.map((key) => [key, build(Object.hasOwn(properties, key) ? properties[key] : {}, place)]),
  );
}

function numberFor(schema: Fields, hints: Hints): number {
  const low = Number(schema.minimum ?? Number(schema.exclusiveMinimum ?? -Infinity) + 1);
  const high = Number(schema.maximum ?? Number(schema.exclusiveMaximum ?? Infinity) - 1);
  const preferred = next(hints.numbers) ?? 1;
  return Math.min(Math.max(preferred, low), high);
}

const formats: Record<string, string> = {
  date: '2026-11-20',
  time: '12:00:00Z',
  'date-time': '2026-11-20T12:00:00Z',
  email: 'a@example.com',
  uri: 'https://example.com/',
  uuid: '1f0c2a9e-0000-4000-8000-000000000001',
  ipv4: '192.0.2.1',
};

function textFor(schema: Fields, hints: Hints): string {
  const format = formats[String(schema.format)];
  if (format !== undefined) return format;
  const text = next(hints.words) ?? (hints.prompt.trim().slice(0, 80) || 'nothing');
  const padded = text.padEnd(Number(schema.minLength ?? 0), '.');
  return padded.slice(0, Number(schema.maxLength ?? padded.length));
}

function memberFor(members: unknown[], hints: Hints): unknown {
  const named = members.find(
    (member) => typeof member === 'string' && member !== '' && mentions(hints.prompt, member),
  );
  return named ?? members[0];
}

/** Whether the text contains this word, in any case. */
export function mentions(text: string, word: string): boolean {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\d_])${literal}(?![\\p{L}\\d_])`, 'iu').test(text);
}

function next<T>(offers: T[]): T | undefined {
  return offers.length > 1 ? offers.shift() : offers[0];
}

function resolve(ref: string, root: unknown): unknown {
  let at = root;
  for (const step of ref.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    at = isObject(at) ? at[step] : undefined;
  }
  return at;
}
