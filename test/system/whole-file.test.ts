import { describe, expect, test } from 'bun:test';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { openReplacement, replaceFile, resolveLinks, saveFile } from '../../src/system/whole-file.ts';
import { temporaryDirectory } from '../auth/support.ts';
import { mountSmallDisk, noSmallDisk } from './small-disk.ts';

const text = `${'0123456789abcdef'.repeat(1000)}\n`;

/** A disk that writes at most `most` bytes per call. */
const partialWrites = (most: number) => ({
  write: (fd: number, bytes: Uint8Array, position: number) =>
    writeSync(fd, bytes, 0, Math.min(most, bytes.length), position),
});

describe('a replaced file', () => {
  test.each([1000, 4096, 16_000])('is complete when each write takes only %p bytes', (most) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    replaceFile(path, text, { disk: partialWrites(most) });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test.each([
    ['writes nothing more', () => 0],
    [
      'reports it',
      () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    ],
  ])('is the old one when a full disk %s', (_, refuse) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    writeFileSync(path, 'old');
    let writes = 0;
    const write = (fd: number, bytes: Uint8Array, position: number) =>
      writes++ === 0 ? writeSync(fd, bytes, 0, 4096, position) : refuse();
    expect(() => replaceFile(path, text, { disk: { write } })).toThrow(
      expect.objectContaining({ code: 'ENOSPC' }),
    );
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  test('has the requested mode, whatever the umask', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'file');
    const umask = process.umask(0);
    try {
      replaceFile(path, text);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      replaceFile(path, text, { mode: 0o644 });
      expect(statSync(path).mode & 0o777).toBe(0o644);
    } finally {
      process.umask(umask);
    }
  });

  test('a symbolic link stays, even if its target does not exist yet', async () => {
    using directory = temporaryDirectory();
    const link = join(directory.path, 'link');
    symlinkSync('kept', link);
    replaceFile(link, 'one');
    await saveFile(link, 'two');
    expect(readFileSync(join(directory.path, 'kept'), 'utf8')).toBe('two');
    expect(readdirSync(directory.path).sort()).toEqual(['kept', 'link']);
    symlinkSync('loop', join(directory.path, 'loop'));
    expect(() => resolveLinks(join(directory.path, 'loop'))).toThrow('ELOOP');
  });

  test('leaves no temporary file if it cannot be replaced', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'directory', 'file');
    expect(() => replaceFile(path, text)).toThrow('ENOENT');
    await expect(saveFile(path, text)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

describe.skipIf(noSmallDisk !== undefined)('on a disk of 64 KiB', () => {
  test.each([0, 4096, 8192])('with %p bytes free the old file stays', async (free) => {
    using disk = mountSmallDisk(64 * 1024);
    const path = join(disk.path, 'file');
    writeFileSync(path, 'old');
    disk.fill(free);
    expect(() => replaceFile(path, text)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    await expect(saveFile(path, text)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(disk.path).sort()).toEqual(['file', 'filler']);
  });

  test('reserved space can be written after the disk has filled up', () => {
    using disk = mountSmallDisk(64 * 1024);
    const path = join(disk.path, 'file');
    const replacement = openReplacement(path);
    replacement.reserve(text.length);
    disk.fill();
    replacement.commit(text);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('a file that is a mount point is padded first and then written in place', () => {
    using disk = mountSmallDisk(64 * 1024);
    using directory = temporaryDirectory();
    const kept = join(disk.path, 'kept.json');
    const path = join(directory.path, 'auth.json');
    writeFileSync(kept, '{"old":true}');
    writeFileSync(path, '');
    Bun.spawnSync(['mount', '--bind', kept, path]);
    try {
      const replacement = openReplacement(path);
      replacement.reserve(20_000);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ old: true });
      disk.fill();
      replacement.commit(text);
      expect(readFileSync(kept, 'utf8')).toBe(text);

      expect(() => openReplacement(path).reserve(60_000)).toThrow('no space');
      expect(readFileSync(kept, 'utf8')).toBe(text);
    } finally {
      Bun.spawnSync(['umount', path]);
    }
  });
});

test('a read-only directory fails before anything is written', () => {
  using directory = temporaryDirectory();
  if (process.getuid?.() === 0) return; // root may write anywhere
  chmodSync(directory.path, 0o500);
  expect(() => replaceFile(join(directory.path, 'file'), text)).toThrow('EACCES');
});
