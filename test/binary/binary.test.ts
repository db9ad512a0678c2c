// The compiled file of scripts/build, where Bun's defaults bite (bun-notes.md 2). scripts/test builds it first.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { emptyHome } from '../cli/process.ts';

const binary = process.env.CODEXD_BINARY;

async function run(argv: string[], cwd: string) {
  const child = Bun.spawn([binary!, ...argv], {
    cwd,
    env: { HOME: cwd, PATH: process.env.PATH ?? '' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, exitCode };
}

describe.skipIf(binary === undefined)('the binary', () => {
  test('knows the commit it was built from', async () => {
    expect((await run(['--version'], emptyHome())).out).toMatch(
      /^codexd \d+\.\d+\.\d+ \([0-9a-f]{12}(-dirty)?\)\n$/,
    );
  });

  test('bun-notes trap 8: .env and bunfig.toml of the current directory are not loaded', async () => {
    const folder = emptyHome();
    await Bun.write(join(folder, '.env'), 'CODEXD_MODEL=from-dotenv\n');
    await Bun.write(join(folder, 'bunfig.toml'), 'preload = ["./evil.ts"]\n');
    await Bun.write(join(folder, 'evil.ts'), 'console.log("evil");\n');
    const { out, exitCode } = await run(['config', 'show', '--json'], folder);
    expect(exitCode).toBe(0);
    expect(out).not.toContain('evil');
    expect(out).not.toContain('from-dotenv');
  });

  test('every command loads, and refuses what it does not know', async () => {
    const folder = emptyHome();
    for (const name of ['login', 'logout', 'status', 'serve', 'ask', 'models', 'explain', 'config']) {
      const help = await run([name, '--help'], folder);
      expect({ name, exitCode: help.exitCode, err: help.err }).toEqual({ name, exitCode: 0, err: '' });
      expect((await run([name, '--nonsense'], folder)).exitCode).toBe(2);
    }
  });
});
