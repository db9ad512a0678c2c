// Words of the upstream that several APIs have in common.

export const verbosities: readonly string[] = ['low', 'medium', 'high'];

/** The word as `words` spells it; undefined when it is not one of them. Clients write words in any case. */
export function knownWord(given: string, words: readonly string[]): string | undefined {
  const word = given.trim().toLowerCase();
  return words.includes(word) ? word : undefined;
}
