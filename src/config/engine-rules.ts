// The rules of an engine's table that involve several of its keys.
import type { EngineSettings } from '../audio/engines/settings.ts';

/** What is wrong with the table; undefined if nothing is. */
export function validateEngine(engine: EngineSettings): string | undefined {
  if (engine.kind === 'command') return validateCommand(engine);
  if (engine.start !== undefined) return validateStart(engine, engine.start);
  if (engine.url?.includes('{port}')) return '`url` contains {port}, which requires `start`';
  return engine.kind === 'openai' && engine.url === undefined ? '`url` is missing' : undefined;
}

function validateStart({ url }: EngineSettings, start: readonly string[]): string | undefined {
  const unknown = unknownPlaceholder(start, ['port', 'model', 'threads']);
  if (unknown !== undefined) return `\`start\` contains the unknown placeholder ${unknown}`;
  if (start.some((word) => word.includes('{port}'))) {
    return url === undefined || url.includes('{port}')
      ? undefined
      : '`start` contains {port}, so `url` must contain it too';
  }
  return url === undefined || url.includes('{port}')
    ? '`start` must contain {port}, or `url` must be set to the address it listens on'
    : undefined;
}

const commandPlaceholders = ['file', 'wav16', 'outdir', 'outbase', 'language', 'model', 'prompt', 'threads'];

function validateCommand({ argv, output, reads = 'wav16', threads }: EngineSettings): string | undefined {
  if (argv === undefined) return '`argv` is missing';
  if (output === undefined) return '`output` is missing';
  if (output.kind === undefined || output.from === undefined) return '`output` must set `kind` and `from`';
  if (output.map !== undefined && output.kind !== 'json')
    return '`output.map` requires `output.kind = "json"`';
  const words = argv.flat();
  const unknown = unknownPlaceholder(words, commandPlaceholders);
  if (unknown !== undefined) return `\`argv\` contains the unknown placeholder ${unknown}`;
  const uses = (name: string) => words.some((word) => word.includes(`{${name}}`));
  if (!uses('file') && !uses('wav16')) return '`argv` must contain {wav16} or {file}';
  if (uses('wav16') && reads === 'file') return '`argv` contains {wav16}, so `reads` must be "wav16"';
  const required = argv.filter((part) => typeof part === 'string');
  if (threads === undefined && required.some((word) => word.includes('{threads}'))) {
    return '`argv` contains {threads}, so `threads` must be set';
  }
  return undefined;
}

function unknownPlaceholder(words: readonly string[], known: readonly string[]): string | undefined {
  const found = words.flatMap((word) => word.match(/\{\w*\}/g) ?? []);
  return found.find((placeholder) => !known.includes(placeholder.slice(1, -1)));
}
