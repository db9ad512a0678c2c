// Replaces one table in the text of a TOML file, or appends it; everything else stays as it is.
import { parseConfigFile } from '../../config/file.ts';
import { isTable } from '../../config/kinds.ts';
import { type FileText, newlineOf, notEditable } from './file-text.ts';

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
  const newline = newlineOf(text);
  const ours = table.replaceAll('\n', newline);
  const header = new RegExp(
    `^[ \\t]*\\[[ \\t]*${parent}[ \\t]*\\.[ \\t]*(["']?)${name}\\1[ \\t]*\\][ \\t]*(?:#.*)?$`,
    'm',
  );
  const found = header.exec(text);
  if (!found) {
    const lineEnd = text === '' || text.endsWith('\n') ? '' : newline;
    return `${text}${lineEnd}${text === '' ? '' : newline}${ours}`;
  }
  const start = found.index;
  const behind = start + found[0].length;
  const next = text.slice(behind).search(/^[ \t]*\[/m);
  const section = text.slice(start, next < 0 ? text.length : behind + next);
  // Blank lines and comments in front of the next table are that table's.
  const last = [...section.matchAll(/^[ \t]*[^\s#].*$/gm)].at(-1)!;
  return text.slice(0, start) + ours.trimEnd() + text.slice(start + last.index + last[0].length);
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
