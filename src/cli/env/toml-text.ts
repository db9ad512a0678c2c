// Replaces one table in the text of a TOML file, or appends it, and leaves everything else unchanged.
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
  return text.slice(0, start) + replacement.trimEnd() + text.slice(start + last.index + last[0].length);
}

/** Whether `text` means the same as `before`, except that the table now has these values. */
function changesOnly(
  text: string,
  before: Record<string, unknown>,
  [parent, name]: readonly [string, string],
  values: Readonly<Record<string, unknown>>,
): boolean {
  let after: Record<string, unknown>;
  try {
    after = parseConfigFile('', text).tables;
  } catch {
    return false;
  }
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
