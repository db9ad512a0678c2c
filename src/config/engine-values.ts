// The values of an engine's table that only such tables have.
import type { Kind, Read } from './kinds.ts';

export function template(): Kind<readonly (string | readonly string[])[]> {
  const expects = 'a list that begins with a program, each item a text or a list of texts';
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

export function idOf(id: string): Read<string> {
  if (id === 'chatgpt') return { why: 'another than "chatgpt", which is there already' };
  return /^[a-z0-9][a-z0-9-]+$/.test(id)
    ? { value: id }
    : { why: 'an id of lower-case letters, digits and dashes' };
}

/** `{port}` stands for the port of a server that codexd starts. */
export function baseUrl(given: string): Read<string> {
  const why = 'an http or https URL without user name, query or fragment';
  const url = URL.parse(given.replace('{port}', '1'));
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || url.username || url.search || url.hash) return { why };
  return { value: given.replace(/(?<!\/)\/+$/, '') };
}

export function variableName(name: string): Read<string> {
  // A key that was put here by mistake must not be told back.
  return /^[A-Z_][A-Z0-9_]*$/i.test(name) && !/^sk[-_]/i.test(name)
    ? { value: name }
    : { why: 'the name of a variable, not the key itself' };
}

/** In the job's own directory and nowhere else. */
export function outputFile(from: string): Read<string> {
  return from === 'stdout' || /^(?:\{outbase\}|\{outdir\}\/\w)[\w.-]*$/.test(from)
    ? { value: from }
    : { why: '"stdout" or a file such as "{outbase}.json" or "{outdir}/name.json"' };
}
