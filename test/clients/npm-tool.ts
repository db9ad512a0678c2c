// Programs and libraries of others that tests drive as their users do: installed from npm once, never part of the project.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--ignore-scripts=false'];

/** The directory that has `node_modules` with these packages, installed when need be; undefined when npm could not. */
export function installedFromNpm(name: string, packages: readonly string[]): string | undefined {
  const directory = join(import.meta.dir, '../../.tools', name);
  const done = join(directory, 'installed');
  if (existsSync(done)) return directory;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"private":true}\n');
  const npm = Bun.spawnSync(['npm', 'install', ...flags, ...packages], { cwd: directory });
  if (!npm.success) return undefined;
  writeFileSync(done, '');
  return directory;
}
