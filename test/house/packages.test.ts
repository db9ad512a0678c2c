// What is installed is what was tested (docs/bun.md#lockfile): one lockfile, without addresses, and exact versions.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };

const root = join(import.meta.dir, '../..');

function git(...args: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['git', ...args], { cwd: root });
  if (exitCode !== 0) throw new Error(stderr.toString());
  return stdout.toString();
}

test('bun.lock names no registry, and is tracked, because a frozen install would succeed without it', async () => {
  const lock = await Bun.file(join(root, 'bun.lock')).text();
  expect(lock.match(/"https?:\/\/[^"]*"/g)).toBeNull();
  expect(git('ls-files', 'bun.lock').trim()).toBe('bun.lock');
});

test('there is no second lock file', () => {
  expect(git('ls-files', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml')).toBe('');
});

test('versions are exact', () => {
  const versions = { ...pkg.dependencies, ...pkg.devDependencies };
  const loose = Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
});

test('the running Bun has the version in package.json', () => {
  expect(pkg.packageManager).toBe(`bun@${Bun.version}`);
});
