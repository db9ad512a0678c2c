// Replaces the values of one table in the text of a TOML file, or appends the table, and leaves everything else unchanged.
import { parseConfigFile } from '../../config/file.ts';
import { isTable } from '../../config/kinds.ts';
import { type FileText, newlineOf, notEditable } from './file-text.ts';

/** The file's text with the table `[parent.name]` set to exactly `values`. */
export function setTable(
  file: FileText,
  [parent, name]: readonly [parent: string, name: string],
  values: Readonly<Record<string, string | boolean>>,
): string {
  const before = parseConfigFile(file.path, file.text).tables;
  const text = withTable(file.text, [parent, name], tableText([parent, name], values));
  if (!changesOnly(text, before, [parent, name], values)) {
    throw notEditable(file.path, `defines \`${parent}.${name}\` in a form that codexd cannot edit`);
  }
  return text;
}

export function tableText(
  [parent, name]: readonly [string, string],
  values: Readonly<Record<string, string | boolean>>,
): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return [`[${parent}.${name}]`, ...lines, ''].join('\n');
}

function withTable(text: string, [parent, name]: readonly [string, string], table: string): string {
  const newline = newlineOf(text);
  const replacement = table.replaceAll('\n', newline);
  const header = new RegExp(
    `^[ \\t]*\\[[ \\t]*${parent}[ \\t]*\\.[ \\t]*(["']?)${name}\\1[ \\t]*\\][ \\t]*(?:#.*)?$`,
    'm',
  );
  const found = header.exec(text);
  if (!found) {
    const lineEnd = text === '' || text.endsWith('\n') ? '' : newline;
    return `${text}${lineEnd}${text === '' ? '' : newline}${replacement}`;
  }
  const start = found.index;
  const afterHeader = start + found[0].length;
  const next = text.slice(afterHeader).search(/^[ \t]*\[/m);
  const section = text.slice(start, next < 0 ? text.length : afterHeader + next);
  // Blank lines and comments above the next table belong to that table.
  const last = [...section.matchAll(/^[ \t]*[^\s#].*$/gm)].at(-1)!;
  const length = last.index + last[0].length;
  const edited = withComments(section.slice(0, length).split(newline), table.trimEnd().split('\n'));
  return text.slice(0, start) + edited.join(newline) + text.slice(start + length);
}

/**
 * The lines of a table with the keys of the new one, and its own comments. A table with a value of several lines is
 * replaced as a whole.
 */
function withComments(lines: readonly string[], replacement: readonly string[]): readonly string[] {
  const [header = '', ...body] = lines;
  const added = new Map(replacement.slice(1).map((line) => [keyOf(line)!, line]));
  const kept: string[] = [];
  let lastKey = 0;
  for (const line of body) {
    const isComment = /^\s*(?:#|$)/.test(line);
    const key = isComment ? undefined : keyOf(line);
    if (!isComment && key === undefined) return replacement;
    const changed = key === undefined ? undefined : added.get(key);
    if (key !== undefined && changed === undefined) continue;
    kept.push(changed === undefined ? line : changed + commentOf(line));
    if (key !== undefined) lastKey = kept.length;
    if (key !== undefined) added.delete(key);
  }
  return [header, ...kept.slice(0, lastKey), ...added.values(), ...kept.slice(lastKey)];
}

/** The key of a line that sets one; undefined for any other line. */
function keyOf(line: string): string | undefined {
  const keys = Object.keys(tablesOf(line) ?? {});
  return keys.length === 1 ? keys[0] : undefined;
}

/** The comment behind a value, with the white space before it. */
function commentOf(line: string): string {
  const whole = tablesOf(line);
  for (const { index } of line.matchAll(/#/g)) {
    const value = line.slice(0, index).trimEnd();
    if (Bun.deepEquals(tablesOf(value), whole)) return line.slice(value.length);
  }
  return '';
}

function tablesOf(text: string): Record<string, unknown> | undefined {
  try {
    return parseConfigFile('', text).tables;
  } catch {
    return undefined;
  }
}

/** Whether `text` means the same as `before`, except that the table now has these values. */
function changesOnly(
  text: string,
  before: Record<string, unknown>,
  [parent, name]: readonly [string, string],
  values: Readonly<Record<string, unknown>>,
): boolean {
  const after = tablesOf(text);
  if (after === undefined) return false;
  const { [name]: table, ...siblings } = tableOf(after[parent]);
  const { [name]: _, ...siblingsBefore } = tableOf(before[parent]);
  return (
    Bun.deepEquals({ ...tableOf(table), ...values }, table) &&
    Bun.deepEquals({ ...after, [parent]: siblings }, { ...before, [parent]: siblingsBefore })
  );
}

function tableOf(value: unknown): Record<string, unknown> {
  return isTable(value) ? value : {};
}
