// OpenAI's models sometimes stop in the middle of a long recording and report success. A text shows it.

const closing = /[.!?…。！？．｡।॥؟۔።။៕‽;][\s"'”’»›」』）)\]]*$/u;
/** Thai, Lao, Khmer, Burmese, Tibetan: sentences end in a space or not at all. */
const unclosed = new Set(['th', 'lo', 'km', 'my', 'bo']);
const unclosedScript =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]\s*$/u;

/**
 * Whether the service seems to have stopped in the middle: a long text without a closing mark, or much fewer
 * characters than `usualPerS`, what the neighbours have per second. `soundS` is the piece without its silence.
 */
export function looksCutOff(
  text: string,
  soundS: number | undefined,
  language: string | undefined,
  usualPerS = 0,
): boolean {
  const length = [...text].length;
  if (usualPerS > 8 && soundS !== undefined && length < 4 * soundS) return true;
  if (length <= 200 || closing.test(text)) return false;
  return !unclosedScript.test(text) && !(language !== undefined && unclosed.has(language));
}
