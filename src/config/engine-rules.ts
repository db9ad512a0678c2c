// What no key of an engine's table can tell by itself: which of them belong together.
import type { EngineSettings } from './engines.ts';

/** Why the table cannot be; undefined where it can. */
export function whyNot(engine: EngineSettings): string | undefined {
  if (engine.kind === 'command') return validateCommand(engine);
  if (engine.start !== undefined) return validateStart(engine, engine.start);
  if (engine.url?.includes('{port}')) return '`url` has a {port}, which only `start` fills';
  return engine.kind === 'openai' && engine.url === undefined ? '`url` is missing' : undefined;
}

function validateStart({ url }: EngineSettings, start: readonly string[]): string | undefined {
  const strange = unknownPlaceholder(start, ['port', 'model', 'threads']);
  if (strange !== undefined) return `\`start\` has the unknown placeholder ${strange}`;
  if (start.some((word) => word.includes('{port}'))) {
    return url === undefined || url.includes('{port}')
      ? undefined
      : '`start` has a {port}, so `url` must have one too';
  }
  return url === undefined || url.includes('{port}')
    ? '`start` needs a {port}, or a `url` with the port it uses'
    : undefined;
}

const commandPlaceholders = ['file', 'wav16', 'outdir', 'outbase', 'language', 'model', 'prompt', 'threads'];

function validateCommand({ argv, output, reads = 'wav16', threads }: EngineSettings): string | undefined {
  if (argv === undefined) return '`argv` is missing';
  if (output === undefined) return '`output` is missing';
  if (output.kind === undefined || output.from === undefined) return '`output` needs `kind` and `from`';
  if (output.map !== undefined && output.kind !== 'json') return '`output.map` is for JSON only';
  const words = argv.flat();
  const strange = unknownPlaceholder(words, commandPlaceholders);
  if (strange !== undefined) return `\`argv\` has the unknown placeholder ${strange}`;
  const mentions = (name: string) => words.some((word) => word.includes(`{${name}}`));
  if (!mentions('file') && !mentions('wav16')) return '`argv` must have {wav16} or {file}';
  if (mentions('wav16') && reads === 'file') return '`argv` has {wav16}, so `reads` must be "wav16"';
  const alone = argv.filter((part) => typeof part === 'string');
  if (threads === undefined && alone.some((word) => word.includes('{threads}'))) {
    return '`argv` has {threads}, so `threads` must be set';
  }
  return undefined;
}

function unknownPlaceholder(words: readonly string[], known: readonly string[]): string | undefined {
  const found = words.flatMap((word) => word.match(/\{\w*\}/g) ?? []);
  return found.find((placeholder) => !known.includes(placeholder.slice(1, -1)));
}
