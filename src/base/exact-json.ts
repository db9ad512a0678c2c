// Lossless JSON. `JSON.parse` rounds integers beyond 2^53 and loses the spelling of numbers (`1.10`, `1E5`, `-0`, `1e400`).
// Tool arguments, schemas and metadata belong to others and must be written exactly as they were read.

/** A number that `JSON.parse` and `JSON.stringify` would change, with its spelling. In arithmetic it acts as its value. */
export class ExactNumber {
  constructor(private readonly text: string) {}

  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text);
  }

  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }
}

/** A reviver is called recursively: deeper values would overflow the stack. */
const deepestRevived = 512;

/**
 * `JSON.parse`, with an `ExactNumber` for every number that `JSON.stringify` would write differently. Throws a RangeError
 * for values nested deeper than `deepest`. Numbers in values nested deeper than 512 levels are ordinary ones.
 */
export function parseExact(text: string, deepest = Number.POSITIVE_INFINITY): unknown {
  return withExactNumbers(JSON.parse(text), text, deepest);
}

/** The same for a text that has been parsed already. */
export function withExactNumbers<T>(value: T, text: string, deepest = Number.POSITIVE_INFINITY): T {
  const { depth, changes } = scan(text);
  if (depth > deepest) throw new RangeError(`The JSON is nested more than ${deepest} levels deep.`);
  if (!changes || depth > deepestRevived) return value;
  return JSON.parse(text, exactly as Parameters<typeof JSON.parse>[1]) as T;
}

function exactly(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : new ExactNumber(context.source);
}

/**
 * How deep valid JSON is nested, and whether `JSON.parse` would change one of its numbers. Strings, most of a body, are
 * skipped at the speed of `indexOf`.
 */
function scan(json: string): { depth: number; changes: boolean } {
  let depth = 0;
  let most = 0;
  let changes = false;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case 0x22: // "
        at = closingQuote(json, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        most = Math.max(most, depth);
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
        break;
      case 0x2c: // ,
      case 0x3a: // :
      case 0x20:
        break;
      default: {
        const end = endOfWord(json, at);
        if (!changes && isNumberStart(json.charCodeAt(at))) changes = changesNumber(json, at, end);
        at = end - 1;
      }
    }
  }
  return { depth: most, changes };
}

/** Where the string that opens at `open` has its closing quote. */
function closingQuote(json: string, open: number): number {
  for (let at = json.indexOf('"', open + 1); ; at = json.indexOf('"', at + 1)) {
    let before = at - 1;
    while (json.charCodeAt(before) === 0x5c) before--;
    if ((at - before) % 2 === 1) return at; // an even number of backslashes
  }
}

/** The end of a number, `true`, `false` or `null`. Treats each character of white space as a word of its own. */
function endOfWord(json: string, from: number): number {
  let at = from + 1;
  while (isWordPart(json.charCodeAt(at))) at += 1;
  return at;
}

/** False for NaN, which `charCodeAt` returns after the end. */
function isWordPart(code: number): boolean {
  if (isDigit(code)) return true;
  if (code >= 0x61) return code <= 0x7a; // a to z
  return code === 0x2e || code === 0x2d || code === 0x2b || code === 0x45; // . - + E
}

function isNumberStart(code: number): boolean {
  return code === 0x2d || isDigit(code);
}

/** Integers of up to 15 digits, the most common numbers, are always exact. */
function changesNumber(json: string, from: number, end: number): boolean {
  if (end - from <= 15 && json.charCodeAt(from) !== 0x2d) {
    let at = from;
    while (at < end && isDigit(json.charCodeAt(at))) at += 1;
    if (at === end) return false;
  }
  const text = json.slice(from, end);
  return String(Number(text)) !== text;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
