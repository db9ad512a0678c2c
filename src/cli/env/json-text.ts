// Sets one member in the text of a JSON file and leaves every other character as it is: comments, order and indentation
// are the user's. `jsonc` is JSON with comments and trailing commas, as editors write it.
import { type FileText, newlineOf, notEditable } from './file-text.ts';

export type JsonForm = 'json' | 'jsonc';

/** The file's text in which `key` inside the objects that `parents` lead to has `value`; absent objects are made. */
export function setMember(
  { path, text: given }: FileText,
  form: JsonForm,
  [parents, key]: readonly [parents: readonly string[], key: string],
  value: unknown,
): string {
  const text = given.trim() === '' ? '{}\n' : given;
  const root = read(path, text, form);
  const document = { text, form, root };
  let members = root.members;
  let object = root;
  for (const [at, parent] of parents.entries()) {
    if (members === undefined) break;
    const member = named(members, parent);
    if (member === undefined) {
      return insert(document, object, parent, nested([...parents.slice(at + 1), key], value));
    }
    object = member.node;
    members = object.members;
  }
  if (members === undefined)
    throw notEditable(path, `holds no JSON object where ${[...parents, key].join('.')} belongs`);
  const member = named(members, key);
  return member ? replace(document, member, value) : insert(document, object, key, value);
}

/** The values of the object that `parents` lead to, to compare; none when there is no such object. */
export function objectAt(text: string, form: JsonForm, parents: readonly string[]): Record<string, unknown> {
  let node = new Reader(text, form).document();
  for (const parent of parents) node = node?.members && named(node.members, parent)?.node;
  return Object.fromEntries((node?.members ?? []).map(({ key, node }) => [key, node.value]));
}

/** Of members with the same name the last one counts. */
function named(members: readonly Member[], key: string): Member | undefined {
  return members.findLast((member) => member.key === key);
}

function nested(keys: readonly string[], value: unknown): unknown {
  return keys.reduceRight((inner, key) => ({ [key]: inner }), value);
}

interface Document {
  text: string;
  form: JsonForm;
  root: Node;
}

/** A value and where it stands. */
interface Node {
  start: number;
  end: number;
  value: unknown;
  /** Of an object. */
  members?: Member[];
}

interface Member {
  key: string;
  /** Of the key. */
  start: number;
  node: Node;
}

function replace(document: Document, { node, start }: Member, value: unknown): string {
  const { text } = document;
  if (Bun.deepEquals(node.value, value)) return text;
  return text.slice(0, node.start) + rendered(document, value, indentAt(text, start)) + text.slice(node.end);
}

function insert(document: Document, object: Node, key: string, value: unknown): string {
  const last = object.members?.at(-1);
  return last === undefined
    ? insertFirst(document, object, key, value)
    : insertAfter(document, object, last, key, value);
}

function insertFirst(document: Document, object: Node, key: string, value: unknown): string {
  const { text } = document;
  const newline = newlineOf(text);
  const outer = indentAt(text, object.start);
  const indent = outer + unitOf(document);
  const member = `${newline}${indent}${JSON.stringify(key)}: ${rendered(document, value, indent)}`;
  const inside = text.slice(object.start + 1, object.end - 1);
  // A comment in an otherwise empty object stays, and brings its own line end.
  const end = inside.trim() === '' ? `${newline}${outer}` : inside;
  return `${text.slice(0, object.start + 1)}${member}${end}${text.slice(object.end - 1)}`;
}

function insertAfter(document: Document, object: Node, last: Member, key: string, value: unknown): string {
  const { text, form } = document;
  const isShort = JSON.stringify(value).length < longestOneLine;
  const hasOneLine = !text.slice(object.start, object.end).includes('\n');
  const isOneLine = hasOneLine && isShort;
  const isBrokenUp = hasOneLine && !isShort;
  const indent = isBrokenUp ? indentAt(text, object.start) + unitOf(document) : indentAt(text, last.start);
  const before = isOneLine ? ' ' : newlineOf(text) + indent;
  const shown = isOneLine ? JSON.stringify(value) : rendered(document, value, indent);

  const end = last.node.end;
  const afterBlank = skip(text, blanks[form], end);
  const hasComma = text[afterBlank] === ',';
  // A comment behind the last member, on its line, is about that member.
  const at = skip(text, sameLineComment, hasComma ? afterBlank + 1 : end);
  const comma = (isThere: boolean) => (isThere ? ',' : '');
  return [
    text.slice(0, end),
    comma(!hasComma),
    text.slice(end, at),
    `${before}${JSON.stringify(key)}: ${shown}`,
    comma(hasComma),
    // An object of one line ends on a line of its own once something long is in it.
    isBrokenUp ? newlineOf(text) + indentAt(text, object.start) + text.slice(at).trimStart() : text.slice(at),
  ].join('');
}

/** A longer member gets lines of its own. */
const longestOneLine = 60;

function rendered(document: Document, value: unknown, indent: string): string {
  const lines = JSON.stringify(value, null, unitOf(document));
  return lines.replaceAll('\n', newlineOf(document.text) + indent);
}

/** One step of indentation: the first member's, when it begins a line. */
function unitOf({ text, root }: Document): string {
  const first = root.members?.[0];
  const indent = first && /(?:^|\n)([ \t]+)$/.exec(text.slice(0, first.start))?.[1];
  return indent ?? '  ';
}

function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^[ \t]*/.exec(line)![0];
}

const blanks: Record<JsonForm, RegExp> = {
  json: /[ \t\r\n]*/y,
  jsonc: /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y,
};
const sameLineComment = /(?:[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/))*/y;
/** A string, or a run of characters that may be a number or a name; JSON.parse has the last word. */
const word = /"(?:[^"\\\r\n]|\\.)*"|[-+.\w]+/y;

/** Where `pattern`, which is sticky and may match nothing, ends. */
function skip(text: string, pattern: RegExp, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function read(path: string, text: string, form: JsonForm): Node {
  const reader = new Reader(text, form);
  const root = reader.document();
  if (root) return root;
  const line = text.slice(0, reader.at).split('\n').length;
  throw notEditable(path, `is not valid JSON at line ${line}`);
}

/** Reads values with their places. Every step gives undefined at the first thing that is no JSON, and `at` is there. */
class Reader {
  at: number;

  constructor(
    readonly text: string,
    readonly form: JsonForm,
  ) {
    this.at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  document(): Node | undefined {
    const root = this.#node();
    this.#blank();
    return this.at === this.text.length ? root : undefined;
  }

  #node(): Node | undefined {
    this.#blank();
    const start = this.at;
    if (this.#take('{')) return this.#object(start);
    if (this.#take('[')) return this.#array(start);
    const value = this.#word();
    return value === undefined ? undefined : { start, end: this.at, value };
  }

  #object(start: number): Node | undefined {
    const members: Member[] = [];
    const isGood = this.#list('}', () => {
      const keyStart = this.at;
      const key = this.#word();
      this.#blank();
      if (typeof key !== 'string' || !this.#take(':')) return false;
      const node = this.#node();
      if (node) members.push({ key, start: keyStart, node });
      return node !== undefined;
    });
    const value = Object.fromEntries(members.map(({ key, node }) => [key, node.value]));
    return isGood ? { start, end: this.at, value, members } : undefined;
  }

  #array(start: number): Node | undefined {
    const value: unknown[] = [];
    const isGood = this.#list(']', () => {
      const node = this.#node();
      if (node) value.push(node.value);
      return node !== undefined;
    });
    return isGood ? { start, end: this.at, value } : undefined;
  }

  /** Items between commas up to `close`. */
  #list(close: string, item: () => boolean): boolean {
    this.#blank();
    if (this.#take(close)) return true;
    for (;;) {
      if (!item()) return false;
      this.#blank();
      const hasComma = this.#take(',');
      this.#blank();
      if ((!hasComma || this.form === 'jsonc') && this.#take(close)) return true;
      if (!hasComma) return false;
    }
  }

  #blank(): void {
    this.at = skip(this.text, blanks[this.form], this.at);
  }

  #take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** A text, a number, true, false or null. */
  #word(): unknown {
    const end = skip(this.text, word, this.at);
    try {
      const value: unknown = JSON.parse(this.text.slice(this.at, end));
      this.at = end;
      return value;
    } catch {
      return undefined;
    }
  }
}
