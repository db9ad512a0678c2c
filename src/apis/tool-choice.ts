// Words for a choice of tools that more than one API's clients send.

const words: Readonly<Record<string, 'none' | 'auto' | 'required'>> = {
  none: 'none',
  auto: 'auto',
  required: 'required',
  any: 'required', // Anthropic's word
};

/** The word as the upstream spells it; undefined for everything else. */
export function choiceWord(value: unknown): 'none' | 'auto' | 'required' | undefined {
  return typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined;
}
