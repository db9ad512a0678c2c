// README.zh-CN.md says the same as README.md: its code blocks are equal, and so are the commands, exit statuses and pages in its
// tables. Its prose is translated by hand.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const english = readFileSync(join(root, 'README.md'), 'utf8');
const chinese = readFileSync(join(root, 'README.zh-CN.md'), 'utf8');

function codeBlocks(text: string): string[] {
  return [...text.matchAll(/^```\w+\n[\s\S]*?^```/gm)].map(([block]) => block);
}

/** First cells, table by table. Generated tables exist only in English. */
function firstCells(text: string): string[][] {
  const byHand = text.replace(/<!-- (\w+)[^>]*-->[\s\S]*?<!-- \/\1 -->/g, '');
  return [...byHand.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => /^\| ((?:[^|\\]|\\.)*) \|/.exec(row)?.[1] ?? row),
  );
}

test('the code blocks are those of README.md (copy the changed ones)', () => {
  expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
});

test('the tables have the rows of those in README.md (translate what is new)', () => {
  const apis = (table: string[]) => table.includes('OpenAI');
  expect(firstCells(chinese).filter((table) => !apis(table))).toEqual(firstCells(english));
});

test('the sections are the same, in the same order', () => {
  const levels = (text: string) => [...text.matchAll(/^(##+) /gm)].map(([, level]) => level);
  expect(levels(chinese)).toEqual(levels(english));
});

test('options, settings, variables and headers in it are in README.md, too', () => {
  const names = [
    ...chinese.matchAll(/`((?:--|CODEXD_|x-codexd-|(?:server|models|transcription|upstream)\.)[\w.-]+)`/g),
  ];
  const unknown = names.map(([, name]) => name!).filter((name) => !english.includes(name));
  expect(unknown).toEqual([]);
});
