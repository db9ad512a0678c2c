// Counts tokens with the models' encoding (o200k). Its tables are loaded with the first count, because that takes 0.4 s and
// 139 MB.

export type CountTokens = (text: string) => number;

/** The tokenizer takes quadratic time for a run without word boundaries: a minute for 200,000 equal characters. */
const longRun = /\S{401,}|\s{401,}/g;
const sliceLength = 400;

export async function loadTokenizer(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // `<|endoftext|>` and the like count as plain text.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => sum(splitLongRuns(text).map((part) => countTokens(part, options)));
}

/** Splits the text so that no part contains a run longer than `sliceLength`. Joined, the parts are the text. */
export function splitLongRuns(text: string): string[] {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: run, index } of text.matchAll(longRun)) {
    if (index > end) parts.push(text.slice(end, index));
    for (let at = 0; at < run.length; at += sliceLength) parts.push(run.slice(at, at + sliceLength));
    end = index + run.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
