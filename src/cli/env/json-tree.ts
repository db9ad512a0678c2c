// Parses JSON into a tree that knows the position of every value, so that an editor can change one of them in the text.
// `jsonc` is JSON with comments and trailing commas, as editors write it.

export type JsonForm = 'json' | 'jsonc';

/** A value and its position in the text. */
export interface JsonNode {
  start: number;
  end: number;
  value: unknown;
  /** For an object, in order. */
  members?: JsonMember[];
  /** For an array. */
  items?: JsonNode[];
}

export interface JsonMember {
  key: string;
  /** The position of the key. */
  start: number;
  node: JsonNode;
}

/** The root, or the position of the first invalid character. A byte order mark is accepted. */
export function parseTree(text: string, form: JsonForm): { root: JsonNode } | { errorAt: number } {
  const parser = new Parser(text, form);
  const root = parser.document();
  return root ? { root } : { errorAt: parser.at };
}

/** Of members with the same key, the last one counts, as for JSON.parse. */
export function findMember(members: readonly JsonMember[], key: string): JsonMember | undefined {
  return members.findLast((member) => member.key === key);
}

/** White space and, in `jsonc`, comments. */
export const blankPatterns: Record<JsonForm, RegExp> = {
  json: /[ \t\r\n]*/y,
  jsonc: /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y,
};
/** A string, or characters that may be a number or a name; JSON.parse decides whether they are valid. */
const scalar = /"(?:[^"\\\r\n]|\\.)*"|[-+.\w]+/y;

/** The index after the match of `pattern`, which must be sticky and may match nothing. */
export function skip(text: string, pattern: RegExp, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Every step returns undefined at the first invalid character, and `at` then points to it. */
class Parser {
  at: number;

  constructor(
    readonly text: string,
    readonly form: JsonForm,
  ) {
    this.at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  document(): JsonNode | undefined {
    const root = this.#node();
    this.#skipBlanks();
    return this.at === this.text.length ? root : undefined;
  }

  #node(): JsonNode | undefined {
    this.#skipBlanks();
    const start = this.at;
    if (this.#take('{')) return this.#object(start);
    if (this.#take('[')) return this.#array(start);
    const value = this.#scalar();
    return value === undefined ? undefined : { start, end: this.at, value };
  }

  #object(start: number): JsonNode | undefined {
    const members: JsonMember[] = [];
    const isValid = this.#list('}', () => {
      const keyStart = this.at;
      const key = this.#scalar();
      this.#skipBlanks();
      if (typeof key !== 'string' || !this.#take(':')) return false;
      const node = this.#node();
      if (node) members.push({ key, start: keyStart, node });
      return node !== undefined;
    });
    const value = Object.fromEntries(members.map(({ key, node }) => [key, node.value]));
    return isValid ? { start, end: this.at, value, members } : undefined;
  }

  #array(start: number): JsonNode | undefined {
    const items: JsonNode[] = [];
    const isValid = this.#list(']', () => {
      const node = this.#node();
      if (node) items.push(node);
      return node !== undefined;
    });
    return isValid ? { start, end: this.at, value: items.map(({ value }) => value), items } : undefined;
  }

  /** Parses items separated by commas, up to `close`. */
  #list(close: string, item: () => boolean): boolean {
    this.#skipBlanks();
    if (this.#take(close)) return true;
    for (;;) {
      if (!item()) return false;
      this.#skipBlanks();
      const hasComma = this.#take(',');
      this.#skipBlanks();
      if ((!hasComma || this.form === 'jsonc') && this.#take(close)) return true;
      if (!hasComma) return false;
    }
  }

  #skipBlanks(): void {
    this.at = skip(this.text, blankPatterns[this.form], this.at);
  }

  #take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** A string, a number, true, false or null. */
  #scalar(): unknown {
    const end = skip(this.text, scalar, this.at);
    try {
      const value: unknown = JSON.parse(this.text.slice(this.at, end));
      this.at = end;
      return value;
    } catch {
      return undefined;
    }
  }
}
