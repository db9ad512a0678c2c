// Parses a config.toml: its tables, and the line number of each key.
import { parse, TomlError } from 'smol-toml';
import { Failure } from '../failure.ts';

export interface ConfigFile {
  path: string;
  tables: Record<string, unknown>;
  /** `path:line` of a key such as `server.listen`, or only the path if the line is not known. */
  locate(key: string): string;
}

export function parseConfigFile(path: string, text: string): ConfigFile {
  const tables = parseToml(path, text);
  const lines = keyLines(text);
  return {
    path,
    tables,
    locate: (key) => {
      const line = lines.get(key);
      return line === undefined ? path : `${path}:${line}`;
    },
  };
}

function parseToml(path: string, text: string): Record<string, unknown> {
  try {
    const tables = parse(text, { unsafeKeyBehaviour: 'throw', integersAsBigInt: 'asNeeded' });
    return withNumbers(tables) as Record<string, unknown>;
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    // Only the first line: the rest of the message quotes the surrounding text, which may contain a secret.
    const why = thrown.message.split('\n', 1)[0]!.replace(/^Invalid TOML document: /, '');
    throw new Failure('invalid_request', `${path}:${thrown.line} is not valid TOML: ${why}.`, {
      code: 'invalid_config',
      advice: 'Correct that line.',
      cause: thrown,
    });
  }
}

/** 64-bit integers are valid, and the Codex CLI's file may contain them; no codexd setting is that large. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNumbers(each)]));
}

/** Longer lines are searched for a key only up to here. */
const maxKeyLength = 1024;

/**
 * The parser does not report positions, so this finds them again: table headers and `key =` at the start of a line. A line
 * inside a multi-line string may look like one, but the first match wins, and only keys that the parser found are looked up.
 */
function keyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let table = '';
  for (const [index, fullLine] of text.split('\n').entries()) {
    const line = fullLine.slice(0, maxKeyLength);
    const header = /^\s*\[\[?([^\]]+)\]/.exec(line)?.[1];
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line)?.[1];
    if (header !== undefined) table = withoutQuotes(header);
    const found =
      header !== undefined ? table : key === undefined ? undefined : joinKeys(table, withoutQuotes(key));
    if (found !== undefined && !lines.has(found)) lines.set(found, index + 1);
  }
  return lines;
}

function withoutQuotes(key: string): string {
  return key.replace(/["'\s]/g, '');
}

function joinKeys(table: string, key: string): string {
  return table === '' ? key : `${table}.${key}`;
}
