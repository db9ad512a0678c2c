// codexd as its users meet it: a process with its own empty home.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dir, '../../src/main.ts');

/** The command to start: the binary of `scripts/build` when CODEXD_BINARY names it, else the source. */
const codexdCommand: readonly string[] = process.env.CODEXD_BINARY
  ? [process.env.CODEXD_BINARY]
  : [process.execPath, main];

export function emptyHome(): string {
  return mkdtempSync(join(tmpdir(), 'codexd-home-'));
}

export function spawnCodexd(
  argv: readonly string[],
  options: { home?: string; env?: Record<string, string>; stdin?: string } = {},
) {
  return Bun.spawn([...codexdCommand, ...argv], {
    env: { PATH: process.env.PATH ?? '', HOME: options.home ?? emptyHome(), ...options.env },
    stdin: options.stdin === undefined ? 'ignore' : new Blob([options.stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

export async function runCodexd(argv: readonly string[], options: Parameters<typeof spawnCodexd>[1] = {}) {
  const child = spawnCodexd(argv, options);
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, exitCode };
}
