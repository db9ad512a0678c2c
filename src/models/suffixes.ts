// Parses effort and service tier at the end of a model name: `-high`, `:high`, `(high)`, `-high-fast`.

export interface Suffixes {
  effort?: string;
  serviceTier?: string;
}

/** A suffix precedes its own prefixes: `extra-high` comes before `extra`. */
const suffixes: readonly (readonly [string, Suffixes])[] = [
  ['extra-high', { effort: 'xhigh' }],
  ['extra', { effort: 'xhigh' }],
  ...['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'].map(
    (effort) => [effort, { effort }] as const,
  ),
  ['fast', { serviceTier: 'priority' }],
  ['priority', { serviceTier: 'priority' }],
  ['thinking', {}],
  ['reasoning', {}],
];

/** Undefined if `text` has an unknown part or two efforts. */
export function parseSuffixes(text: string): Suffixes | undefined {
  let rest = text.replace(/^\((.*)\)$/, '-$1').replaceAll(':', '-');
  const result: Suffixes = {};
  while (rest !== '') {
    const found = suffixes.find(([word]) => rest === `-${word}` || rest.startsWith(`-${word}-`));
    if (!found) return undefined;
    const [word, meaning] = found;
    if (meaning.effort !== undefined && result.effort !== undefined) return undefined;
    Object.assign(result, meaning);
    rest = rest.slice(word.length + 1);
  }
  return result;
}
