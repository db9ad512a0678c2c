// Finds where values begin and end in JSON text without building them.

const quote = 0x22;
const backslash = 0x5c;

export interface JsonField {
  key: string;
  /** Where the value begins and ends in the text. */
  start: number;
  end: number;
}

/** The end of the JSON string that opens at `at`, after its closing quote; -1 if it is not a valid string. */
function endOfString(text: string, at: number): number {
  if (text.charCodeAt(at) !== quote) return -1;
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === quote) return next + 1;
    if (code < 0x20) return -1;
    if (code !== backslash) continue;
    next = endOfEscape(text, next + 1) - 1;
    if (next < 0) return -1;
  }
  return -1;
}

/** How the characters of a JSON string literal are written: `unicode` if some are `\u` escapes, which may be halves of pairs. */
export type Escapes = 'none' | 'short' | 'unicode';

export function escapesOf(literal: string): Escapes {
  let escapes: Escapes = 'none';
  for (let at = literal.indexOf('\\'); at !== -1; at = literal.indexOf('\\', at + 2)) {
    if (literal.charAt(at + 1) === 'u') return 'unicode';
    escapes = 'short';
  }
  return escapes;
}

/** The length of the string that a JSON string literal represents. */
export function unescapedLength(literal: string): number {
  let length = literal.length - 2;
  for (let at = literal.indexOf('\\'); at !== -1; at = literal.indexOf('\\', at)) {
    const end = endOfEscape(literal, at + 1);
    length -= end - at - 1;
    at = end;
  }
  return length;
}

/** `at`: after the backslash. */
function endOfEscape(text: string, at: number): number {
  switch (text.charCodeAt(at)) {
    case quote:
    case backslash:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let digit = at + 1; digit <= at + 4; digit++) if (!isHexDigit(text.charCodeAt(digit))) return -1;
      return at + 5;
    default:
      return -1;
  }
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}

/** The end of the non-negative integer that begins at `at`; -1 for other numbers and for invalid JSON. */
export function endOfInteger(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  if (end === at) return -1;
  return text.charCodeAt(at) === 0x30 && end > at + 1 ? -1 : end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The members of a JSON object, in order and with duplicates. `json` must be valid. */
export function fieldsOf(json: string): JsonField[] {
  const fields: JsonField[] = [];
  let at = skipSpace(json, json.indexOf('{') + 1);
  while (json.charCodeAt(at) === quote) {
    const keyEnd = endOfString(json, at);
    const start = skipSpace(json, json.indexOf(':', keyEnd) + 1);
    const end = endOfValue(json, start);
    fields.push({ key: JSON.parse(json.slice(at, keyEnd)) as string, start, end });
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === 0x2c) at = skipSpace(json, at + 1);
  }
  return fields;
}

function endOfValue(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case quote:
        at = endOfString(json, at) - 1;
        if (depth === 0) return at + 1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        if (depth === 0) return endWithoutSpace(json, start, at);
        depth--;
        if (depth === 0) return at + 1;
        break;
      case 0x2c: // ,
        if (depth === 0) return endWithoutSpace(json, start, at);
    }
  }
  return json.length;
}

function endWithoutSpace(json: string, start: number, end: number): number {
  return start + json.slice(start, end).trimEnd().length;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (/[ \t\n\r]/.test(json.charAt(at))) at++;
  return at;
}
