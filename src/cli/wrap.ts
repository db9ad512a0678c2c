// Wraps text to the width of a terminal. Output to a file or a pipe is never wrapped.
import type { Output } from './terminal.ts';

/** Maximum columns per line: the terminal's width, or infinity if the output is not a terminal. */
export function lineWidth(output: Pick<Output, 'isTty' | 'columns'>): number {
  return output.isTty ? output.columns : Number.POSITIVE_INFINITY;
}

/** Joins words that must stay on one line, e.g. `37 %`. Wrapping turns it into an ordinary space. */
export const noBreak = '\u00a0';

/**
 * Breaks `text` between words into lines of at most `width` columns. A longer word (an address, a path) stays whole on a
 * line of its own, so that it can be copied. Line breaks in the text are kept.
 */
export function wrap(text: string, width: number): string[] {
  if (width === Number.POSITIVE_INFINITY) return text.replaceAll(noBreak, ' ').split('\n');
  const lines = text
    .replace(shortQuote, (quote) => quote.replaceAll(' ', noBreak))
    .split('\n')
    .flatMap((line) => wrapLine(line, width));
  return lines.map((line) => line.replaceAll(noBreak, ' '));
}

/** A short command in backquotes is easier to read on one line. */
const shortQuote = /`[^`\n]{1,36}`/g;

function wrapLine(line: string, width: number): string[] {
  if (Bun.stringWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && Bun.stringWidth(longer) > width) {
      lines.push(current.trimEnd());
      current = word;
    } else current = longer;
  }
  return [...lines, current];
}

/** Like `wrap`, but returns one text: every line ends with a newline, all lines after the first are indented. */
export function paragraph(text: string, width: number, indent = ''): string {
  return wrap(text, width - indent.length)
    .map((line, at) => (at === 0 ? `${line}\n` : `${indent}${line}\n`))
    .join('');
}

export type Definition = readonly [term: string, meaning: string];

/** The meaning of a longer term starts on the next line. */
const maxTermColumns = 26;
/** With fewer columns for them, meanings go below their terms. */
const minMeaningColumns = 25;

/** Two columns, terms and meanings; on a narrow terminal, meanings go below their terms. */
export function definitions(
  rows: readonly Definition[],
  width: number,
  indent = '',
  maxTerm = maxTermColumns,
): string {
  const longest = Math.max(...rows.map(([term]) => Bun.stringWidth(term)));
  const column = width === Number.POSITIVE_INFINITY ? longest : Math.min(longest, maxTerm);
  const room = width - indent.length - column - 2;
  if (room < minMeaningColumns) return rows.map((row) => below(row, width, indent)).join('');
  const margin = indent + ' '.repeat(column + 2);
  return rows
    .map(([term, meaning]) => {
      const gap = column + 2 - Bun.stringWidth(term);
      const lines = wrap(meaning, room).join(`\n${margin}`);
      return `${indent}${term}${gap < 2 ? `\n${margin}` : ' '.repeat(gap)}${lines}`.trimEnd();
    })
    .map((text) => `${text}\n`)
    .join('');
}

function below([term, meaning]: Definition, width: number, indent: string): string {
  const margin = `${indent}        `;
  const lines = meaning === '' ? [] : wrap(meaning, width - margin.length);
  return [`${indent}${term}`, ...lines.map((line) => margin + line)].map((line) => `${line}\n`).join('');
}
