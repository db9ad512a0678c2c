// Edits the text of a YAML file line by line and leaves the other lines unchanged, except that mixed line ends become
// uniform. The result is parsed again: unless it means exactly what was intended, the edit fails and nothing is changed.
import { isTable } from '../../config/kinds.ts';
import { type FileText, newlineOf, notEditable } from './file-text.ts';

type Mapping = Record<string, unknown>;

/** The file's text with these keys set at the top level. */
export function setKeys({ path, text }: FileText, values: Readonly<Record<string, string>>): string {
  const before = parse(path, text);
  let edited = text;
  for (const [key, value] of Object.entries(values)) edited = withKey(edited, key, value);
  if (!Bun.deepEquals(parseMapping(edited), { ...before, ...values })) throw unsupportedForm(path);
  return edited;
}

function withKey(text: string, key: string, value: string): string {
  const line = `${key}: ${quote(value)}`;
  const old = new RegExp(`^${key}[ \\t]*:(.*?)(?=\\r?$)`, 'm');
  if (old.test(text)) return text.replace(old, (_, rest: string) => line + commentIn(rest));
  const newline = newlineOf(text);
  return `${text === '' || text.endsWith('\n') ? text : text + newline}${line}${newline}`;
}

/** The comment after a value, with the blanks before it. `#` starts a comment only after a blank and outside quotes. */
function commentIn(rest: string): string {
  const quotedText = /^[ \t]*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(rest)?.[0] ?? '';
  return /(?<![ \t])[ \t]+#.*$/.exec(rest.slice(quotedText.length))?.[0] ?? '';
}

/** The top-level values, for comparison; empty if the text is not a mapping. */
export function topLevel(text: string): Mapping {
  return parseMapping(text) ?? {};
}

/** Always quotes: YAML 1.1 parsers read a bare `on` or `12_34` as something other than text. */
export function quote(value: string): string {
  return JSON.stringify(value);
}

/**
 * The file's text with `items` (each an item's lines) in the top-level list `key`, between two comments that mark them for
 * the next edit.
 */
export function setItems(
  { path, text }: FileText,
  key: string,
  mark: string,
  items: readonly (readonly string[])[],
): string {
  const comments = [`# ${mark}`, `# ${mark}: end`] as const;
  const { lines, start } = withoutMarked(path, text.split(/\r?\n/), comments);
  const before = parse(path, lines.join('\n'));

  const list = openList(lines, key);
  const block = [comments[0], ...items.flat(), comments[1]].map((line) => `${list.indent}${line}`);
  const edited = list.lines.toSpliced(start ?? list.end, 0, ...block).join(newlineOf(text));

  const added = Bun.YAML.parse(items.flat().join('\n')) as unknown[];
  if (!addsOnly(parseMapping(edited), before, key, added)) throw unsupportedForm(path);
  return edited;
}

/** The same for a file that is a list itself. */
export function setRootItems(
  { path, text }: FileText,
  mark: string,
  items: readonly (readonly string[])[],
): string {
  const comments = [`# ${mark}`, `# ${mark}: end`] as const;
  const { lines, start } = withoutMarked(path, text.split(/\r?\n/), comments);
  const before = parseValue(lines.join('\n')) ?? [];
  if (!Array.isArray(before)) throw notEditable(path, 'is not a YAML list');

  const indent = /^[ \t]*/.exec(lines.find((line) => /^[ \t]*-(?:\s|$)/.test(line)) ?? '')![0];
  const end = lines.findLastIndex((line) => line.trim() !== '') + 1;
  const block = [comments[0], ...items.flat(), comments[1]].map((line) => `${indent}${line}`);
  const after = lines.slice(start ?? end);
  const edited = [...lines.slice(0, start ?? end), ...block, ...(after.length === 0 ? [''] : after)];

  const added = Bun.YAML.parse(items.flat().join('\n')) as unknown[];
  const result = edited.join(newlineOf(text));
  if (!addsOnly({ list: parseValue(result) }, { list: before }, 'list', added)) throw unsupportedForm(path);
  return result;
}

/** The lines outside the two comments, and the index of the first comment. */
function withoutMarked(
  path: string,
  lines: readonly string[],
  [first, last]: readonly [string, string],
): { lines: readonly string[]; start: number | undefined } {
  const start = lines.findIndex((line) => line.trim() === first);
  const end = lines.findIndex((line) => line.trim() === last);
  if (start < 0 && end < 0) return { lines, start: undefined };
  if (start < 0 || end < start)
    throw notEditable(path, `has only one of the comments "${first}" and "${last}"`);
  return { lines: lines.toSpliced(start, end - start + 1), start };
}

/** The top-level list `key`, created if necessary, the indentation of its items, and the index after its last line. */
function openList(lines: readonly string[], key: string): { lines: string[]; indent: string; end: number } {
  const head = new RegExp(`^${key}[ \\t]*:[ \\t]*(?:\\[[ \\t]*\\])?[ \\t]*(?:#.*)?$`);
  const at = lines.findIndex((line) => head.test(line));
  const isEmpty = (line: string | undefined) => /^\s*(?:#.*)?$/.test(line ?? '');
  if (at < 0) {
    const length = lines.findLastIndex((line) => line !== '') + 1;
    return { lines: [...lines.slice(0, length), `${key}:`, ''], indent: '  ', end: length + 1 };
  }
  const next = lines.findIndex((line, index) => index > at && /^[^\s#-]/.test(line));
  let end = next < 0 ? lines.length : next;
  while (end > at + 1 && isEmpty(lines[end - 1])) end--;
  const withoutBrackets = lines[at]!.replace(new RegExp(`^(${key}[ \\t]*:)[ \\t]*\\[[ \\t]*\\]`), '$1');
  const item = lines.slice(at + 1, end).find((line) => /^[ \t]*-(?:\s|$)/.test(line));
  return { lines: lines.with(at, withoutBrackets), indent: /^[ \t]*/.exec(item ?? '  ')![0], end };
}

/** Whether `after` equals `before` plus the items `added` in the list `key`. */
function addsOnly(
  after: Mapping | undefined,
  before: Mapping,
  key: string,
  added: readonly unknown[],
): boolean {
  const listed = after?.[key];
  if (!Array.isArray(listed)) return false;
  const others = (list: unknown) =>
    (Array.isArray(list) ? list : []).filter((item) => !added.some((own) => Bun.deepEquals(own, item)));
  return (
    added.every((own) => listed.some((item) => Bun.deepEquals(own, item))) &&
    Bun.deepEquals({ ...after, [key]: others(listed) }, { ...before, [key]: others(before[key]) })
  );
}

function parse(path: string, text: string): Mapping {
  const mapping = parseMapping(text);
  if (mapping) return mapping;
  throw notEditable(path, 'is not a YAML mapping');
}

/** Undefined if the text is not a YAML mapping. */
function parseMapping(text: string): Mapping | undefined {
  const value = parseValue(text) ?? {};
  return isTable(value) ? value : undefined;
}

/** Null for an empty text; a string, which no client's file is, for one that is not YAML. */
function parseValue(text: string): unknown {
  try {
    return Bun.YAML.parse(text);
  } catch {
    return 'not YAML';
  }
}

function unsupportedForm(path: string): Error {
  return notEditable(path, 'has a form that codexd cannot edit');
}
