// The upstream's keywords that several APIs share.

export const verbosities: readonly string[] = ['low', 'medium', 'high'];

/** The word as `words` spells it, whatever its case; undefined if it is not one of them. */
export function knownWord(given: string, words: readonly string[]): string | undefined {
  const word = given.trim().toLowerCase();
  return words.includes(word) ? word : undefined;
}
