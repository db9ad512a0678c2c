// Effort and tier at the end of a model name: `-high`, `:high`, `(high)`, `-high-fast`.

export interface Suffixes {
  effort?: string;
  serviceTier?: string;
}

/** Longest first where one is the beginning of another. */
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

/** Undefined when anything is left over or an effort is named twice. */
export function readSuffixes(text: string): Suffixes | undefined {
  let rest = text.replace(/^\((.*)\)$/, '-$1').replaceAll(':', '-');
  const named: Suffixes = {};
  while (rest !== '') {
    const found = suffixes.find(([word]) => rest === `-${word}` || rest.startsWith(`-${word}-`));
    if (!found) return undefined;
    const [word, meaning] = found;
    if (meaning.effort !== undefined && named.effort !== undefined) return undefined;
    Object.assign(named, meaning);
    rest = rest.slice(word.length + 1);
  }
  return named;
}
