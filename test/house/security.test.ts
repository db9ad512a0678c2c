// docs/security.md: every threat has what stops it, and tests that exist.
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(import.meta.dir, '../../docs');
const page = readFileSync(join(docs, 'security.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:threat|---)/.test(line))
  .map((line) => line.slice(2, -2).split(' | '));

/** Whether the file has a test, a group of tests or a row of a table with that title. */
function hasTitle(file: string, title: string): boolean {
  const text = readFileSync(join(docs, file), 'utf8');
  return ["'", '"', '`'].some((quote) => text.includes(quote + title + quote));
}

test('the tables are read', () => {
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => row.length !== 3)).toEqual([]);
});

describe.each(rows)('%s', (_, stopped, shownBy = '') => {
  const links = [...shownBy.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, title, file]) => ({
    title: title!,
    file: file!,
  }));

  test('says what stops it, and names tests that exist', () => {
    expect(stopped).toMatch(/\w.*\.$/);
    expect(links.length).toBeGreaterThan(0);
    const missing = links.filter(
      ({ title, file }) =>
        !/^\.\.\/test\/.*\.test\.ts$/.test(file) || !existsSync(join(docs, file)) || !hasTitle(file, title),
    );
    expect(missing).toEqual([]);
  });
});
