// Third-party programs and libraries that tests use as their users do: installed into .tools/ once, not part of the
// project.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const tools = join(import.meta.dir, '../../.tools');
const npmFlags = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--fetch-retries=1'];
export const pipFlags = ['-q', '--disable-pip-version-check', '--timeout=10', '--retries=1'];

/** The directory with these packages in `node_modules`; undefined if npm could not install them. */
export function installFromNpm(name: string, packages: readonly string[]): string | undefined {
  return installOnce(name, (directory) => {
    writeFileSync(join(directory, 'package.json'), '{"private":true}\n');
    return succeeds(['npm', 'install', ...npmFlags, '--ignore-scripts=false', ...packages], directory);
  });
}

/** The interpreter of a virtual environment with these packages; undefined if pip could not install them. */
export function installFromPip(name: string, packages: readonly string[]): string | undefined {
  const python = (directory: string) => join(directory, 'bin/python');
  const directory = installOnce(
    name,
    (directory) =>
      succeeds(['python3', '-m', 'venv', directory]) &&
      succeeds([python(directory), '-m', 'pip', 'install', ...pipFlags, ...packages]),
  );
  return directory && python(directory);
}

/** `.tools/NAME`, created if necessary. Two test files may create it concurrently: it is never seen incomplete. */
export function installOnce(name: string, fill: (directory: string) => boolean): string | undefined {
  const directory = join(tools, name);
  if (existsSync(directory)) return directory;
  const unfinished = join(tools, `${name}.${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    if (!fill(unfinished)) return undefined;
    renameSync(unfinished, directory);
  } catch {
    if (!existsSync(directory)) return undefined;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return directory;
}

export function succeeds(command: string[], cwd?: string): boolean {
  try {
    const options = { stdout: 'ignore', stderr: 'ignore' } as const;
    return Bun.spawnSync(command, { ...options, ...(cwd === undefined ? {} : { cwd }) }).success;
  } catch {
    return false;
  }
}
