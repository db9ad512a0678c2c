// OpenAI's models sometimes stop in the middle of a long recording and report success. This guesses from the text.

const closingMark = /[.!?…。！？．｡।॥؟۔።။៕‽;][\s"'”’»›」』）)\]]*$/u;
/** Thai, Lao, Khmer, Burmese, Tibetan: sentences end with a space or without any mark. */
const unpunctuated = new Set(['th', 'lo', 'km', 'my', 'bo']);
const unpunctuatedScript =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]\s*$/u;

/**
 * True for a long text without closing punctuation, or with far fewer characters per second than `usualPerS`, the rest
 * of the recording. `soundS` is the length without silence.
 */
export function looksTruncated(
  text: string,
  soundS: number | undefined,
  language: string | undefined,
  usualPerS = 0,
): boolean {
  const length = [...text].length;
  if (usualPerS > 8 && soundS !== undefined && length < 4 * soundS) return true;
  if (length <= 200 || closingMark.test(text)) return false;
  return !unpunctuatedScript.test(text) && !(language !== undefined && unpunctuated.has(language));
}
