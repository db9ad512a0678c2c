// The Bun of each target is the pinned one.
import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { unpack } from '../../scripts/packaging/runtime.ts';
import { bunVersion, hostTarget, targets } from '../../scripts/packaging/targets.ts';

test('runtimes.json pins the version that package.json names', () => {
  expect(`bun@${bunVersion}`).toBe(pkg.packageManager);
});

test('this machine is one of the targets', () => {
  expect(targets).toContain(hostTarget());
});

describe('a downloaded package', () => {
  const bytes = new Bun.Archive({ 'package/bin/bun': 'the runtime' }, { compress: 'gzip' }).bytes();

  async function unpackWith(integrityOf: (bytes: Uint8Array) => string) {
    const folder = mkdtempSync(join(tmpdir(), 'codexd-runtime-'));
    try {
      await Bun.write(join(folder, 'bun.tgz'), await bytes);
      await unpack(join(folder, 'bun.tgz'), integrityOf(await bytes), folder);
      return readFileSync(join(folder, 'package/bin/bun'), 'utf8');
    } finally {
      expect(existsSync(join(folder, 'bun.tgz'))).toBe(false);
      rmSync(folder, { recursive: true });
    }
  }

  test('with the pinned integrity is unpacked', async () => {
    const integrity = (bytes: Uint8Array) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    expect(await unpackWith(integrity)).toBe('the runtime');
  });

  test('with any other is refused and deleted', () => {
    expect(unpackWith(() => 'sha512-AAAA')).rejects.toThrow('which runtimes.json pins');
  });
});
