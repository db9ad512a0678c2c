// Private directories of jobs, and those left by dead processes.
import { beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { asStorageFailure, WorkDirectories } from '../../src/audio/work-directory.ts';

let parent: string;
let directories: WorkDirectories;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'work-directory-'));
  directories = new WorkDirectories({ parent, pid: 333, isAlive: (pid) => pid === 222 });
});

test('a directory is private, has a name of our own, and is removed at the end', async () => {
  {
    await using work = await directories.open();
    writeFileSync(join(work.path, 'in.wav'), 'x');
    expect(statSync(work.path).mode & 0o777).toBe(0o700);
    expect(readdirSync(parent)).toEqual([expect.stringMatching(/^codexd-work-333-\w{6}$/)]);
  }
  expect(readdirSync(parent)).toEqual([]);
});

describe('directories of dead processes', () => {
  test('is removed at the start, and nothing else', async () => {
    const left = ['codexd-work-111-AbC123', 'codexd-work-333-AbC123'];
    const kept = ['codexd-work-222-AbC123', 'codexd-work-x-AbC123', 'codexd-work-111-AbC123-more', 'other'];
    for (const name of [...left, ...kept]) mkdirSync(join(parent, name, 'inside'), { recursive: true });
    symlinkSync(join(parent, 'other'), join(parent, 'codexd-work-111-LnkLnk'));
    await using open = await directories.open();
    await directories.sweep();
    expect(readdirSync(parent).sort()).toEqual(
      [...kept, basename(open.path), 'codexd-work-111-LnkLnk'].sort(),
    );
    expect(readdirSync(join(parent, 'other'))).toEqual(['inside']);
  });

  test('is no reason not to start', async () => {
    await new WorkDirectories({ parent: join(parent, 'missing'), pid: 1, isAlive: () => false }).sweep();
  });
});

test('what is open at the end is removed', async () => {
  await directories.open();
  await directories.open();
  expect(readdirSync(parent)).toHaveLength(2);
  await directories.close();
  expect(readdirSync(parent)).toEqual([]);
});

test('it is idle when nobody needs a directory any more, also those that were opened while it waited', async () => {
  const seen: string[] = [];
  const first = await directories.open();
  const idle = directories.idle().then(() => seen.push('idle'));
  const second = await directories.open();
  await first[Symbol.asyncDispose]();
  seen.push('first');
  await second[Symbol.asyncDispose]();
  await idle;
  expect(seen).toEqual(['first', 'idle']);
  await directories.idle();
});

test.each(['ENOSPC', 'EDQUOT', 'EROFS'])(
  '%s while a file is written is no fault of codexd or of the file',
  (code) => {
    expect(asStorageFailure(Object.assign(new Error('write'), { code }))).toMatchObject({
      ...{ kind: 'unavailable', code: 'storage_unavailable', message: expect.stringContaining(code) },
    });
    const other = Object.assign(new Error('read'), { code: 'EIO' });
    expect(asStorageFailure(other)).toBe(other);
    expect(asStorageFailure(null)).toBe(null);
  },
);

test('no place is a failure that names no path', async () => {
  const nowhere = new WorkDirectories({ parent: join(parent, 'missing'), pid: 1, isAlive: () => false });
  const failure = await nowhere.open().catch((thrown) => thrown);
  expect(failure).toMatchObject({ kind: 'unavailable', code: 'storage_unavailable' });
  expect(failure.message).not.toContain(parent);
});
