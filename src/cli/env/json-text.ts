// Sets one member or list item in the text of a JSON file and leaves every other character unchanged: comments, order and indentation
// are the user's. (The package jsonc-parser does not do this: version 3.3.1 moves comments to the wrong member, reformats
// one-line objects, and sets the first of duplicate keys, while parsers use the last.)
import type { Failure } from '../../failure.ts';
import { type FileText, newlineOf, notEditable } from './file-text.ts';
import { blankPatterns, findMember, type JsonForm, type JsonNode, parseTree, skip } from './json-tree.ts';

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
    if (members === undefined) throw notAnObject(path, parents.slice(0, at));
    const member = findMember(members, parent);
    if (member === undefined) {
      return insert(document, object, name(parent), nest([...parents.slice(at + 1), key], value));
    }
    object = member.node;
    members = object.members;
  }
  if (members === undefined) throw notAnObject(path, parents);
  const member = findMember(members, key);
  return member ? replace(document, member, value) : insert(document, object, name(key), value);
}

function notAnObject(path: string, keys: readonly string[]): Failure {
  if (keys.length === 0) return notEditable(path, 'is not a JSON object');
  return notEditable(path, `contains \`${keys.join('.')}\`, which is not an object`);
}

/** The text of a JSON list in which `value` replaces the first item for which `isOld` is true; without one, `value` is appended. */
export function setItem(
  { path, text: original }: FileText,
  form: JsonForm,
  isOld: (item: unknown) => boolean,
  value: unknown,
): string {
  const text = original.trim() === '' ? '[]\n' : original;
  const root = parse(path, text, form);
  if (root.items === undefined) throw notEditable(path, 'is not a list');
  const document = { text, form, root };
  const item = entriesOf(root).find(({ node }) => isOld(node.value));
  return item ? replace(document, item, value) : insert(document, root, '', value);
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

/** A member of an object, or an item of a list. */
interface Entry {
  start: number;
  node: JsonNode;
}

function entriesOf({ members, items = [] }: JsonNode): readonly Entry[] {
  return members ?? items.map((node) => ({ start: node.start, node }));
}

/** What precedes the value of a member. */
function name(key: string): string {
  return `${JSON.stringify(key)}: `;
}

function replace(document: Document, { node, start }: Entry, value: unknown): string {
  const { text } = document;
  if (Bun.deepEquals(node.value, value)) return text;
  return text.slice(0, node.start) + render(document, value, indentAt(text, start)) + text.slice(node.end);
}

/** `prefix`: the member's name; empty in a list. */
function insert(document: Document, container: JsonNode, prefix: string, value: unknown): string {
  const last = entriesOf(container).at(-1);
  return last === undefined
    ? insertFirst(document, container, prefix, value)
    : insertAfter(document, container, last, prefix, value);
}

function insertFirst(document: Document, container: JsonNode, prefix: string, value: unknown): string {
  const { text } = document;
  const newline = newlineOf(text);
  const outer = indentAt(text, container.start);
  const indent = outer + unitOf(document);
  const entry = `${newline}${indent}${prefix}${render(document, value, indent)}`;
  const inside = text.slice(container.start + 1, container.end - 1);
  // A comment in an otherwise empty object stays, with its own line end.
  const end = inside.trim() === '' ? `${newline}${outer}` : inside;
  return `${text.slice(0, container.start + 1)}${entry}${end}${text.slice(container.end - 1)}`;
}

function insertAfter(
  document: Document,
  container: JsonNode,
  last: Entry,
  prefix: string,
  value: unknown,
): string {
  const { text, form } = document;
  const isShort = JSON.stringify(value).length < longestOneLine;
  const hasOneLine = !text.slice(container.start, container.end).includes('\n');
  const isOneLine = hasOneLine && isShort;
  const isBrokenUp = hasOneLine && !isShort;
  const indent = isBrokenUp ? indentAt(text, container.start) + unitOf(document) : indentAt(text, last.start);
  const before = isOneLine ? ' ' : newlineOf(text) + indent;
  const shown = isOneLine ? JSON.stringify(value) : render(document, value, indent);

  const end = last.node.end;
  const afterBlank = skip(text, blankPatterns[form], end);
  const hasComma = text[afterBlank] === ',';
  // A comment after the last entry, on the same line, belongs to that entry.
  const at = skip(text, sameLineComment, hasComma ? afterBlank + 1 : end);
  const commaIf = (condition: boolean) => (condition ? ',' : '');
  return [
    text.slice(0, end),
    commaIf(!hasComma),
    text.slice(end, at),
    `${before}${prefix}${shown}`,
    commaIf(hasComma),
    // A one-line object gets its closing brace on a separate line if the new member is long.
    isBrokenUp
      ? newlineOf(text) + indentAt(text, container.start) + text.slice(at).trimStart()
      : text.slice(at),
  ].join('');
}

/** In a one-line object, a longer member starts on a new line. */
const longestOneLine = 60;

function render(document: Document, value: unknown, indent: string): string {
  const lines = JSON.stringify(value, null, unitOf(document));
  return lines.replaceAll('\n', newlineOf(document.text) + indent);
}

/** One step of indentation: that of the file's first entry if it starts a line, otherwise two spaces. */
function unitOf({ text, root }: Document): string {
  const first = entriesOf(root)[0];
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
