// Adds a [[server.keys]] table to the text of config.toml, or removes one; every other line stays.
import { parseConfigFile } from '../config/file.ts';
import { isTable } from '../config/kinds.ts';

export function withKey(text: string, name: string, sha256: string): string {
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${before === '' ? '' : '\n'}[[server.keys]]\nname = ${JSON.stringify(name)}\nsha256 = "${sha256}"\n`;
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
