// Adds a [[server.keys]] table to the text of config.toml, or removes one; every other line stays.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LimitName } from '../config/api-keys.ts';
import { parseConfigFile } from '../config/file.ts';
import { isTable } from '../config/kinds.ts';
import { Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { openReplacement } from '../system/whole-file.ts';

/** A [[server.keys]] table, with the names of config.toml. */
export type KeyTable = Readonly<
  { name: string; sha256: string; models?: readonly string[] } & Partial<Record<LimitName, number>>
>;

export function withKey(text: string, key: KeyTable): string {
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const lines = Object.entries(key).map(([name, value]) => `${name} = ${tomlOf(value)}\n`);
  return `${before}${before === '' ? '' : '\n'}[[server.keys]]\n${lines.join('')}`;
}

function tomlOf(value: string | number | readonly string[]): string {
  return typeof value === 'object'
    ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]`
    : JSON.stringify(value);
}

const header = /^[ \t]*\[\[[ \t]*server[ \t]*\.[ \t]*keys[ \t]*\]\][ \t]*(?:#.*)?\r?$/;
const anyHeader = /^[ \t]*\[/;

/** Undefined if the file does not define the key in a [[server.keys]] table. */
export function withoutKey(text: string, name: string): string | undefined {
  const lines = text.split('\n');
  for (const [start, line] of lines.entries()) {
    if (!header.test(line)) continue;
    const next = lines.findIndex((one, at) => at > start && anyHeader.test(one));
    const end = lastLineOf(lines, start, next < 0 ? lines.length : next) + 1;
    if (nameIn(lines.slice(start, end).join('\n')) !== name) continue;
    // The blank line above the table is removed with it.
    const from = start > 0 && lines[start - 1]!.trim() === '' ? start - 1 : start;
    return lines.toSpliced(from, end - from).join('\n');
  }
  return undefined;
}

/** Blank lines and comments above the next table belong to that table. */
function lastLineOf(lines: readonly string[], start: number, next: number): number {
  return lines.findLastIndex((line, at) => at >= start && at < next && /^[ \t]*[^\s#]/.test(line));
}

function nameIn(table: string): unknown {
  try {
    const { server } = parseConfigFile('', table).tables;
    const keys = isTable(server) && Array.isArray(server.keys) ? server.keys : [];
    return isTable(keys[0]) ? keys[0].name : undefined;
  } catch {
    return undefined;
  }
}

/** `beforeCommit` runs once the disk space is reserved; if it throws, the file stays unchanged. */
export function saveConfig(file: string, text: string, beforeCommit = () => {}): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const replacement = openReplacement(file);
    try {
      replacement.reserve(Buffer.byteLength(text));
      beforeCommit();
      replacement.commit(text);
    } finally {
      replacement.abandon();
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('invalid_request', `Cannot write ${file}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: `${adviceOf(cause, file)} Or choose another file with --config.`,
      cause,
    });
  }
}
