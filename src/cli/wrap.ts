// Text that fits the width of a terminal. What goes to a file or a pipe is never wrapped: its reader does that.
import type { Output } from './terminal.ts';

/** Columns a line may take: the terminal's, or any number when it is not a terminal. */
export function lineWidth(output: Pick<Output, 'isTty' | 'columns'>): number {
  return output.isTty ? output.columns : Number.POSITIVE_INFINITY;
}

/** Joins words that belong on one line: `37 %`. It becomes an ordinary space when the text is wrapped. */
export const noBreak = '\u00a0';

/**
 * `text` as lines of at most `width` columns, broken between words. A word that is longer (an address, a path) stays
 * whole on a line of its own, so that it can be copied. Line breaks in the text are kept.
 */
export function wrap(text: string, width: number): string[] {
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

/** As `wrap`, every line ended, and those after the first one indented. */
export function paragraph(text: string, width: number, indent = ''): string {
  return wrap(text, width - indent.length)
    .map((line, at) => (at === 0 ? `${line}\n` : `${indent}${line}\n`))
    .join('');
}

export type Definition = readonly [term: string, meaning: string];

/** A longer term has its meaning on the next line. */
const usualTerm = 26;
/** With less room for them, meanings go below their terms. */
const leastRoom = 26;

/** Terms in one column, what they mean in another, or below them on a narrow terminal. */
export function definitions(
  rows: readonly Definition[],
  width: number,
  indent = '',
  longestTerm = usualTerm,
): string {
  const longest = Math.max(...rows.map(([term]) => Bun.stringWidth(term)));
  const column = width === Number.POSITIVE_INFINITY ? longest : Math.min(longest, longestTerm);
  const room = width - indent.length - column - 2;
  if (room < leastRoom) return rows.map((row) => below(row, width, indent)).join('');
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
