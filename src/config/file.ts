// A config.toml: its tables, and the line on which each key stands.
import { parse, TomlError } from 'smol-toml';
import { Failure } from '../failure.ts';

export interface ConfigFile {
  path: string;
  tables: Record<string, unknown>;
  /** `path:line` of a key such as `server.listen`, or just the path where the line cannot be told. */
  where(key: string): string;
}

export function parseConfigFile(path: string, text: string): ConfigFile {
  const tables = parseToml(path, text);
  const lines = keyLines(text);
  return {
    path,
    tables,
    where: (key) => {
      const line = lines.get(key);
      return line === undefined ? path : `${path}:${line}`;
    },
  };
}

function parseToml(path: string, text: string): Record<string, unknown> {
  try {
    return parse(text, { unsafeKeyBehaviour: 'throw' });
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    // Only the first line: the rest of the message shows the text around it, which may hold a key.
    const why = thrown.message.split('\n', 1)[0]!.replace(/^Invalid TOML document: /, '');
    throw new Failure('invalid_request', `${path}:${thrown.line} is not valid TOML: ${why}.`, {
      code: 'invalid_config',
      advice: 'Correct that line.',
      cause: thrown,
    });
  }
}

/** No key is as long; a longer line is a value. */
const longestKeyLine = 1024;

/**
 * The parser keeps no positions, so this finds them again: table headers and `key =` at the start of a line. A line of a
 * multi-line text may look like one; the first line found for a key wins, and only keys the parser saw are looked up.
 */
function keyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let table = '';
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.slice(0, longestKeyLine);
    const header = /^\s*\[\[?([^\]]+)\]/.exec(line)?.[1];
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line)?.[1];
    if (header !== undefined) table = bare(header);
    const found = header !== undefined ? table : key === undefined ? undefined : joined(table, bare(key));
    if (found !== undefined && !lines.has(found)) lines.set(found, index + 1);
  }
  return lines;
}

function bare(key: string): string {
  return key.replace(/["'\s]/g, '');
}

function joined(table: string, key: string): string {
  return table === '' ? key : `${table}.${key}`;
}
