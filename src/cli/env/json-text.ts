// Sets one member in the text of a JSON file and leaves every other character unchanged: comments, order and indentation
// are the user's. (The package jsonc-parser does not do this: version 3.3.1 moves comments to the wrong member, reformats
// one-line objects, and sets the first of duplicate keys, while parsers use the last.)
import { type FileText, newlineOf, notEditable } from './file-text.ts';
import {
  blankPatterns,
  findMember,
  type JsonForm,
  type JsonMember,
  type JsonNode,
  parseTree,
  skip,
} from './json-tree.ts';

/** The file's text with `key` set to `value` in the object at the path `parents`. Missing objects are created. */
export function setMember(
  { path, text: original }: FileText,
  form: JsonForm,
  [parents, key]: readonly [parents: readonly string[], key: string],
  value: unknown,
): string {
  const text = original.trim() === '' ? '{}\n' : original;
  const root = parse(path, text, form);
  const document = { text, form, root };
  let members = root.members;
  let object = root;
  for (const [at, parent] of parents.entries()) {
    if (members === undefined) break;
    const member = findMember(members, parent);
    if (member === undefined) {
      return insert(document, object, parent, nest([...parents.slice(at + 1), key], value));
    }
    object = member.node;
    members = object.members;
  }
  if (members === undefined)
    throw notEditable(path, `has a value other than an object above ${[...parents, key].join('.')}`);
  const member = findMember(members, key);
  return member ? replace(document, member, value) : insert(document, object, key, value);
}

/** The values of the object at the path `parents`, for comparison; empty if there is none. */
export function objectAt(text: string, form: JsonForm, parents: readonly string[]): Record<string, unknown> {
  const tree = parseTree(text, form);
  let node = 'root' in tree ? tree.root : undefined;
  for (const parent of parents) node = node?.members && findMember(node.members, parent)?.node;
  return Object.fromEntries((node?.members ?? []).map(({ key, node }) => [key, node.value]));
}

function nest(keys: readonly string[], value: unknown): unknown {
  return keys.reduceRight((inner, key) => ({ [key]: inner }), value);
}

interface Document {
  text: string;
  form: JsonForm;
  root: JsonNode;
}

function replace(document: Document, { node, start }: JsonMember, value: unknown): string {
  const { text } = document;
  if (Bun.deepEquals(node.value, value)) return text;
  return text.slice(0, node.start) + render(document, value, indentAt(text, start)) + text.slice(node.end);
}

function insert(document: Document, object: JsonNode, key: string, value: unknown): string {
  const last = object.members?.at(-1);
  return last === undefined
    ? insertFirst(document, object, key, value)
    : insertAfter(document, object, last, key, value);
}

function insertFirst(document: Document, object: JsonNode, key: string, value: unknown): string {
  const { text } = document;
  const newline = newlineOf(text);
  const outer = indentAt(text, object.start);
  const indent = outer + unitOf(document);
  const member = `${newline}${indent}${JSON.stringify(key)}: ${render(document, value, indent)}`;
  const inside = text.slice(object.start + 1, object.end - 1);
  // A comment in an otherwise empty object stays, with its own line end.
  const end = inside.trim() === '' ? `${newline}${outer}` : inside;
  return `${text.slice(0, object.start + 1)}${member}${end}${text.slice(object.end - 1)}`;
}

function insertAfter(
  document: Document,
  object: JsonNode,
  last: JsonMember,
  key: string,
  value: unknown,
): string {
  const { text, form } = document;
  const isShort = JSON.stringify(value).length < longestOneLine;
  const hasOneLine = !text.slice(object.start, object.end).includes('\n');
  const isOneLine = hasOneLine && isShort;
  const isBrokenUp = hasOneLine && !isShort;
  const indent = isBrokenUp ? indentAt(text, object.start) + unitOf(document) : indentAt(text, last.start);
  const before = isOneLine ? ' ' : newlineOf(text) + indent;
  const shown = isOneLine ? JSON.stringify(value) : render(document, value, indent);

  const end = last.node.end;
  const afterBlank = skip(text, blankPatterns[form], end);
  const hasComma = text[afterBlank] === ',';
  // A comment after the last member, on the same line, belongs to that member.
  const at = skip(text, sameLineComment, hasComma ? afterBlank + 1 : end);
  const commaIf = (condition: boolean) => (condition ? ',' : '');
  return [
    text.slice(0, end),
    commaIf(!hasComma),
    text.slice(end, at),
    `${before}${JSON.stringify(key)}: ${shown}`,
    commaIf(hasComma),
    // A one-line object gets its closing brace on a separate line if the new member is long.
    isBrokenUp ? newlineOf(text) + indentAt(text, object.start) + text.slice(at).trimStart() : text.slice(at),
  ].join('');
}

/** In a one-line object, a longer member starts on a new line. */
const longestOneLine = 60;

function render(document: Document, value: unknown, indent: string): string {
  const lines = JSON.stringify(value, null, unitOf(document));
  return lines.replaceAll('\n', newlineOf(document.text) + indent);
}

/** One step of indentation: that of the file's first member if it starts a line, otherwise two spaces. */
function unitOf({ text, root }: Document): string {
  const first = root.members?.[0];
  const indent = first && /(?:^|\n)([ \t]+)$/.exec(text.slice(0, first.start))?.[1];
  return indent ?? '  ';
}

function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^[ \t]*/.exec(line)![0];
}

const sameLineComment = /(?:[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/))*/y;

function parse(path: string, text: string, form: JsonForm): JsonNode {
  const tree = parseTree(text, form);
  if ('root' in tree) return tree.root;
  const line = text.slice(0, tree.errorAt).split('\n').length;
  throw notEditable(path, `is not valid JSON at line ${line}`);
}
