// Edits the text of a YAML file by the line and leaves the other lines as they are (a mixture of line ends becomes one
// kind). What comes out is read again: where it does not say exactly what was meant, the file is in a form that is not
// known here, and nothing is changed.
import { isTable } from '../../config/kinds.ts';
import { type FileText, newlineOf, notEditable } from './file-text.ts';

type Mapping = Record<string, unknown>;

/** The file's text with these keys at the top level. */
export function setKeys({ path, text }: FileText, values: Readonly<Record<string, string>>): string {
  const before = parse(path, text);
  let edited = text;
  for (const [key, value] of Object.entries(values)) edited = withKey(edited, key, value);
  if (!Bun.deepEquals(meaning(edited), { ...before, ...values })) throw unknownForm(path);
  return edited;
}

function withKey(text: string, key: string, value: string): string {
  const line = `${key}: ${quoted(value)}`;
  const old = new RegExp(`^${key}[ \\t]*:(.*?)(?=\\r?$)`, 'm');
  if (old.test(text)) return text.replace(old, (_, rest: string) => line + commentIn(rest));
  const newline = newlineOf(text);
  return `${text === '' || text.endsWith('\n') ? text : text + newline}${line}${newline}`;
}

/** The comment behind a value, with the blanks in front of it: `#` begins one only after a blank, and not in quotes. */
function commentIn(rest: string): string {
  const quotedText = /^[ \t]*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(rest)?.[0] ?? '';
  return /(?<![ \t])[ \t]+#.*$/.exec(rest.slice(quotedText.length))?.[0] ?? '';
}

/** The values of the top level, to compare; none when the text is not a mapping. */
export function topLevel(text: string): Mapping {
  return meaning(text) ?? {};
}

/** Always in quotes: readers of YAML 1.1 take a bare `on` or `12_34` for something else than text. */
export function quoted(value: string): string {
  return JSON.stringify(value);
}

/**
 * The file's text with `items` (each the lines of one item) in the top-level list `key`, between two comments by which
 * they are found the next time.
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

  const ours = Bun.YAML.parse(items.flat().join('\n')) as unknown[];
  if (!isWith(meaning(edited), before, key, ours)) throw unknownForm(path);
  return edited;
}

/** The lines but those between the two comments, and where these began. */
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

/** The top-level list `key`, made if need be: the indentation of its items, and the line behind the last. */
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

/** Whether `after` is `before` with `ours` among the items of `key`. */
function isWith(after: Mapping | undefined, before: Mapping, key: string, ours: readonly unknown[]): boolean {
  const listed = after?.[key];
  if (!Array.isArray(listed)) return false;
  const others = (list: unknown) =>
    (Array.isArray(list) ? list : []).filter((one) => !ours.some((own) => Bun.deepEquals(own, one)));
  return (
    ours.every((own) => listed.some((one) => Bun.deepEquals(own, one))) &&
    Bun.deepEquals({ ...after, [key]: others(listed) }, { ...before, [key]: others(before[key]) })
  );
}

function parse(path: string, text: string): Mapping {
  const mapping = meaning(text);
  if (mapping) return mapping;
  throw notEditable(path, 'is not a YAML mapping');
}

/** What the text says; undefined when that is no mapping. */
function meaning(text: string): Mapping | undefined {
  try {
    const value = Bun.YAML.parse(text) ?? {};
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function unknownForm(path: string): Error {
  return notEditable(path, 'is written in a form that is not known here');
}
