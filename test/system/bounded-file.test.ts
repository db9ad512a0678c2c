// Files that are read as a whole: those that never end are refused.
import { describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTextFile } from '../../src/system/bounded-file.ts';

test('text is read whole, also beyond one chunk and across characters', () => {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-bounded-'));
  try {
    for (const text of ['', 'hello', `a${'\u{1f600}'.repeat(200_000)}`]) {
      const path = join(directory, 'file');
      writeFileSync(path, text);
      expect(readTextFile(path)).toBe(text);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe.skipIf(process.platform === 'win32')('a named pipe', () => {
  const withPipe = async (act: (path: string) => unknown) => {
    const directory = mkdtempSync(join(tmpdir(), 'codexd-bounded-'));
    try {
      const path = join(directory, 'pipe');
      expect(Bun.spawnSync(['mkfifo', path]).exitCode).toBe(0);
      await act(path);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  test('is read until its writer closes it, whatever its pace', () =>
    withPipe(async (path) => {
      const script = `{ printf one; sleep 0.2; printf two; } > '${path}'`;
      const writer = Bun.spawn(['sh', '-c', script]);
      expect(readTextFile(path)).toBe('onetwo');
      await writer.exited;
    }));

  test('an unnamed one may be read again, and is empty then', async () => {
    const file = new URL('../../src/system/bounded-file.ts', import.meta.url).pathname;
    const code = `import { readTextFile } from '${file}'; const path = '/dev/stdin'; console.log(JSON.stringify([readTextFile(path), readTextFile(path)]))`;
    const child = Bun.spawn(['sh', '-c', `printf text | '${process.execPath}' -e "$CODE"`], {
      env: { CODE: code },
    });
    expect(await new Response(child.stdout).json()).toEqual(['text', '']);
  });

  test('that nobody writes to is an error after a while', () =>
    withPipe((path) => {
      expect(() => readTextFile(path)).toThrow(expect.objectContaining({ code: 'ENODATA' }));
    }));
});

test('what is not there is an error of the file system', () => {
  expect(() => readTextFile('/nowhere/at/all')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test.skipIf(process.platform === 'win32')(
  'a device without an end is refused, one without content is empty',
  () => {
    expect(() => readTextFile('/dev/zero')).toThrow(expect.objectContaining({ code: 'EFBIG' }));
    expect(readTextFile('/dev/null')).toBe('');
  },
);
