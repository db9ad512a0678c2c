// Counts tokens as the models do (o200k). The tables are loaded with the first count: 0.4 s and 139 MB
// (reference/anthropic-api.md 13), which nobody who does not count should pay.

export type CountTokens = (text: string) => number;

/** An unbroken run is merged in quadratic time: 200,000 equal characters would take a minute. */
const longRun = /\S{401,}|\s{401,}/g;
const sliceLength = 400;

export async function loadTokenizer(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // Text such as `<|endoftext|>` is text here.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => sum(pieces(text).map((piece) => countTokens(piece, options)));
}

/** The text cut so that no piece holds a run longer than a slice; joined, the pieces are the text. */
export function pieces(text: string): string[] {
  const out: string[] = [];
  let end = 0;
  for (const { 0: run, index } of text.matchAll(longRun)) {
    if (index > end) out.push(text.slice(end, index));
    for (let at = 0; at < run.length; at += sliceLength) out.push(run.slice(at, at + sliceLength));
    end = index + run.length;
  }
  if (end < text.length) out.push(text.slice(end));
  return out;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
