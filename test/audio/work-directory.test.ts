// reference/asr.md traps 37 and 38.
import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepWorkDirectories, workDirectory } from '../../src/audio/work-directory.ts';

const root = () => mkdtempSync(join(tmpdir(), 'work-directory-'));

test('trap 38: a directory of our own naming that nobody else can read, gone at the end', async () => {
  const parent = root();
  {
    await using work = await workDirectory(parent);
    writeFileSync(join(work.path, 'in.wav'), 'x');
    expect(statSync(work.path).mode & 0o777).toBe(0o700);
    expect(readdirSync(parent)).toHaveLength(1);
  }
  expect(readdirSync(parent)).toEqual([]);
});

test('trap 37: what dead processes left is swept, and nothing else', async () => {
  const parent = root();
  for (const name of [
    'codexd-111-abcdef',
    'codexd-222-abcdef',
    `codexd-${process.pid}-abcdef`,
    'codexd-notes',
    'other',
  ]) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, 'in.wav'), 'x');
  }
  await sweepWorkDirectories(parent, (pid) => pid === 222);
  expect(existsSync(join(parent, 'codexd-111-abcdef'))).toBe(false);
  expect(readdirSync(parent).sort()).toEqual(
    ['codexd-222-abcdef', `codexd-${process.pid}-abcdef`, 'codexd-notes', 'other'].sort(),
  );
});

test('a root that is not there is nothing to sweep', async () => {
  await sweepWorkDirectories('/nonexistent', () => false);
});
