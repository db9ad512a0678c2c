// The words for `tool_choice` that clients of several APIs send.

const words: Readonly<Record<string, 'none' | 'auto' | 'required'>> = {
  none: 'none',
  auto: 'auto',
  required: 'required',
  any: 'required', // Anthropic's word
};

/** The upstream's word; undefined for other values. */
export function choiceWord(value: unknown): 'none' | 'auto' | 'required' | undefined {
  return typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined;
}
