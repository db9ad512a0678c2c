// The kinds of values that occur only in an engine's table.
import type { Kind, ParseResult } from './kinds.ts';

export function argvTemplate(): Kind<readonly (string | readonly string[])[]> {
  const expects = 'a list that begins with a program, each item a string or a list of strings';
  const isWord = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
  const isPart = (value: unknown): value is string | string[] =>
    isWord(value) || (Array.isArray(value) && value.every(isWord));
  return {
    expects,
    hint: 'ARGUMENTS',
    flagForm: 'list',
    fromText: () => ({ why: expects }),
    fromToml: (value) =>
      Array.isArray(value) &&
      value.every(isPart) &&
      typeof value[0] === 'string' &&
      value[0] !== '' &&
      !value[0].includes('{')
        ? { value }
        : { why: expects },
  };
}

export function exitCodes(): Kind<readonly number[]> {
  const expects = 'a list of exit codes';
  const isCode = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  return {
    expects,
    hint: 'CODES',
    flagForm: 'list',
    fromText: () => ({ why: expects }),
    fromToml: (value) =>
      Array.isArray(value) && value.length > 0 && value.every(isCode) ? { value } : { why: expects },
  };
}

export function engineId(id: string): ParseResult<string> {
  if (id === 'chatgpt') return { why: 'any id but "chatgpt", which is built in' };
  return /^[a-z0-9][a-z0-9-]+$/.test(id)
    ? { value: id }
    : { why: 'an id of lower-case letters, digits and dashes' };
}

/** May contain `{port}`, the port of a server that codexd starts. */
export function baseUrl(text: string): ParseResult<string> {
  const why = 'an http or https URL without user name, query or fragment';
  const url = URL.parse(text.replace('{port}', '1'));
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || url.username || url.search || url.hash) return { why };
  return { value: text.replace(/(?<!\/)\/+$/, '') };
}

export function variableName(name: string): ParseResult<string> {
  // Rejects a key that was entered by mistake; the message does not quote it.
  return /^[A-Z_][A-Z0-9_]*$/i.test(name) && !/^sk[-_]/i.test(name)
    ? { value: name }
    : { why: 'the name of a variable, not the key itself' };
}

/** Must be in the job's own directory. */
export function outputFile(from: string): ParseResult<string> {
  return from === 'stdout' || /^(?:\{outbase\}|\{outdir\}\/\w)[\w.-]*$/.test(from)
    ? { value: from }
    : { why: '"stdout" or a file such as "{outbase}.json" or "{outdir}/name.json"' };
}
