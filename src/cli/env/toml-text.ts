// Replaces one table in the text of a TOML file, or appends it; everything else stays as it is.
import { parseConfigFile } from '../../config/file.ts';
import { isTable } from '../../config/kinds.ts';
import { type FileText, notEditable } from './client.ts';

/** The file's text with `[parent.name]` holding `values` and nothing else. */
export function setTable(
  file: FileText,
  [parent, name]: readonly [parent: string, name: string],
  values: Readonly<Record<string, string | boolean>>,
): string {
  const before = parseConfigFile(file.path, file.text).tables;
  const text = withTable(file.text, [parent, name], tableText([parent, name], values));
  if (!holds(text, before, [parent, name], values)) {
    throw notEditable(file.path, `writes \`${parent}.${name}\` in a form that is not known here`);
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
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  const header = new RegExp(`^\\s*\\[\\s*${parent}\\s*\\.\\s*(["']?)${name}\\1\\s*\\]\\s*(?:#.*)?$`);
  const start = lines.findIndex((line) => header.test(line));
  const ours = table.trimEnd().split('\n');
  if (start < 0) {
    const kept = text.trim() === '' ? [] : [text.trimEnd(), ''];
    return [...kept, ...ours, ''].join(newline).replaceAll(/\r?\n/g, newline);
  }
  const next = lines.findIndex((line, at) => at > start && /^\s*\[/.test(line));
  let end = next < 0 ? lines.length : next;
  // Blank lines and comments in front of the next table are that table's.
  while (/^\s*(?:#.*)?$/.test(lines[end - 1]!)) end--;
  return lines.toSpliced(start, end - start, ...ours).join(newline);
}

/** Whether `text` says what `before` said, except for the table, which has these values. */
function holds(
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
