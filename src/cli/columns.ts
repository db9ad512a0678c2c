// Rows as a text table; the first row is the header. In a table wider than the terminal, cells are wrapped; if the
// terminal is too narrow even for that, each row becomes a list of `header  cell` lines.
import { definitions, wrap } from './wrap.ts';

type Row = readonly string[];

const gap = 2;

/** Taller rows are hard to read: the table becomes lists. */
const maxRowLines = 3;

/** `right`: the columns to align on the right, such as numbers. */
export function columns(
  rows: readonly Row[],
  width = Number.POSITIVE_INFINITY,
  right: readonly number[] = [],
): string {
  const natural = rows[0]!.map((_, at) => Math.max(...rows.map((row) => Bun.stringWidth(row[at]!))));
  const widths = shrinkToFit(rows, natural, width);
  const table = widths && rows.map((row) => tableRow(row, widths, right));
  if (!table || table.some((lines) => lines.length > maxRowLines)) return listText(rows, width);
  return table
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

/** Narrows the widest columns until all fit; undefined if the words are too long for that. */
function shrinkToFit(rows: readonly Row[], natural: readonly number[], width: number): number[] | undefined {
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

function tableRow(row: Row, widths: readonly number[], right: readonly number[]): string[] {
  const cells = row.map((cell, at) => wrap(cell, widths[at]!));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, at) => pad(lines[line] ?? '', widths[at]!, right.includes(at)))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

function pad(cell: string, width: number, toRight: boolean): string {
  const gap = ' '.repeat(Math.max(0, width - Bun.stringWidth(cell)));
  return toRight ? gap + cell : cell + gap;
}

/** Leaves out empty cells. */
function listText([head, ...rows]: readonly Row[], width: number): string {
  return rows
    .map(([name, ...cells]) => {
      const facts = cells.map((cell, at) => [nameOf(head![at + 1]!), cell] as const);
      const filled = facts.filter(([, cell]) => cell !== '-' && cell !== '');
      return `${name}\n${filled.length === 0 ? '' : definitions(filled, width, '  ')}`;
    })
    .join('\n');
}

/** `EFFORTS (* default)` becomes `efforts`. */
function nameOf(head: string): string {
  return head.replace(/ \(.*/, '').toLowerCase();
}
