// Text that fits the width of a terminal. What goes to a file or a pipe is never wrapped: its reader does that.
import type { Output } from './terminal.ts';

/** Columns a line may take: the terminal's, or any number when it is not a terminal. */
export function lineWidth({ isTty, columns }: Pick<Output, 'isTty' | 'columns'>): number {
  return isTty ? columns : Number.POSITIVE_INFINITY;
}

/**
 * `text` as lines of at most `width` columns, broken between words. A word that is longer (an address, a path) stays
 * whole on a line of its own, so that it can be copied. Line breaks in the text are kept.
 */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): string[] {
  if (Bun.stringWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && Bun.stringWidth(longer) > width) {
      lines.push(current);
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
