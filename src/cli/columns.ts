// Rows as a table of text; the first is its head. A table that is too wide for the terminal has its cells wrapped, and
// where even that is too narrow, each row becomes a list of what its cells are.
import { definitions, wrap } from './wrap.ts';

type Row = readonly string[];

const gap = 2;

/** A row of more lines is not one that the eye can follow. */
const highestRow = 3;

export function columns(rows: readonly Row[], width = Number.POSITIVE_INFINITY): string {
  const natural = rows[0]!.map((_, at) => Math.max(...rows.map((row) => Bun.stringWidth(row[at]!))));
  const widths = fitted(rows, natural, width);
  const table = widths && rows.map((row) => tableRow(row, widths));
  if (!table || table.some((lines) => lines.length > highestRow)) return lists(rows, width);
  return table
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

/** Takes columns from the widest until all fit; undefined when the words are too long for that. */
function fitted(rows: readonly Row[], natural: readonly number[], width: number): number[] | undefined {
  const least = natural.map((_, at) =>
    Math.max(...rows.flatMap((row) => row[at]!.split(' ').map((word) => Bun.stringWidth(word)))),
  );
  const widths = [...natural];
  let over = widths.reduce((sum, one) => sum + one + gap, -gap) - width;
  while (over > 0) {
    const spare = widths.map((one, at) => (one > least[at]! ? one : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) return undefined;
    widths[widest]!--;
    over--;
  }
  return widths;
}

function tableRow(row: Row, widths: readonly number[]): string[] {
  const cells = row.map((cell, at) => wrap(cell, widths[at]!));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, at) => padded(lines[line] ?? '', widths[at]!))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - Bun.stringWidth(cell)));
}

/** Cells that say nothing are left out. */
function lists([head, ...rows]: readonly Row[], width: number): string {
  return rows
    .map(([name, ...cells]) => {
      const facts = cells.map((cell, at) => [nameOf(head![at + 1]!), cell] as const);
      const told = facts.filter(([, cell]) => cell !== '-' && cell !== '');
      return `${name}\n${told.length === 0 ? '' : definitions(told, width, '  ')}`;
    })
    .join('\n');
}

/** `EFFORTS (* default)` names efforts. */
function nameOf(head: string): string {
  return head.replace(/ \(.*/, '').toLowerCase();
}
