import { describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RotatingFile } from '../../src/system/rotating-file.ts';

const fresh = () => join(mkdtempSync(join(tmpdir(), 'codexd-log-')), 'deep', 'codexd.log');
const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');

test('only its owner can read it, also if it existed before', () => {
  const path = fresh();
  new RotatingFile({ path, maxBytes: 100, files: 2 }).write('a\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  chmodSync(path, 0o644);
  new RotatingFile({ path, maxBytes: 100, files: 2 }).write('b\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(linesOf(path)).toEqual(['a', 'b']);
});

describe('rotation', () => {
  test.each([1, 2, 3])('keeps %d files, none of them over the limit, the newest lines last', (files) => {
    const path = fresh();
    const file = new RotatingFile({ path, maxBytes: 10, files });
    for (let at = 100; at < 120; at++) file.write(`${at}\n`);
    const names = readdirSync(join(path, '..')).sort();
    expect(names).toEqual(['codexd.log', 'codexd.log.1', 'codexd.log.2'].slice(0, files));
    const kept = names.reverse().flatMap((name) => linesOf(join(path, '..', name)));
    expect(kept).toEqual(Array.from({ length: files * 2 }, (_, at) => String(120 - files * 2 + at)));
    for (const name of names) expect(statSync(join(path, '..', name)).size).toBeLessThanOrEqual(10);
  });

  test('a line over the limit is written all the same, in a file of its own', () => {
    const path = fresh();
    const file = new RotatingFile({ path, maxBytes: 10, files: 3 });
    file.write('short\n');
    file.write(`${'x'.repeat(50)}\n`);
    file.write('next\n');
    expect([linesOf(`${path}.2`), linesOf(path)]).toEqual([['short'], ['next']]);
    expect(linesOf(`${path}.1`)[0]).toHaveLength(50);
  });

  test('what the file contained before counts', () => {
    const path = fresh();
    new RotatingFile({ path, maxBytes: 10, files: 2 }).write('12345678\n');
    new RotatingFile({ path, maxBytes: 10, files: 2 }).write('9\n'.repeat(2));
    expect(existsSync(`${path}.1`)).toBe(true);
  });
});

test('reopen follows a rename, as by logrotate', () => {
  const path = fresh();
  const file = new RotatingFile({ path, maxBytes: 100, files: 2 });
  file.write('a\n');
  renameSync(path, `${path}-old`);
  file.write('b\n');
  file.reopen();
  file.write('c\n');
  expect([linesOf(`${path}-old`), linesOf(path)]).toEqual([['a', 'b'], ['c']]);
});

test.skipIf(!existsSync('/dev/full'))('a full disk loses lines, not the daemon', () => {
  const file = new RotatingFile({ path: '/dev/full', maxBytes: 1e9, files: 2 });
  for (let at = 0; at < 3; at++) file.write('a\n');
});

test('a directory that is gone for a while: the number of lost lines is reported', () => {
  const path = fresh();
  const file = new RotatingFile({ path, maxBytes: 4, files: 2 });
  file.write('abc\n');
  rmSync(join(path, '..'), { recursive: true });
  writeFileSync(join(path, '..'), '');
  file.write('lost\n');
  file.write('lost\n');
  rmSync(join(path, '..'));
  file.write('found\n');
  expect(linesOf(path)).toEqual(['2 lines could not be written here.', 'found']);
});
