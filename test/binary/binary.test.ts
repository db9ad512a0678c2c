// The binary that scripts/build compiles; Bun's defaults would make it read files of the working directory. scripts/test
// builds it first.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';

const run = (argv: string[], folder: string) => runCodexd(argv, { home: folder, cwd: folder });

describe.skipIf(process.env.CODEXD_BINARY === undefined)('the binary', () => {
  test('knows the commit it was built from', async () => {
    expect((await run(['--version'], emptyHome())).out).toMatch(
      /^codexd \d+\.\d+\.\d+ \([0-9a-f]{12}(-dirty)?\)\n$/,
    );
  });

  test('.env and bunfig.toml in the current directory are not loaded', async () => {
    const folder = emptyHome();
    await Bun.write(join(folder, '.env'), 'CODEXD_MODEL=from-dotenv\n');
    await Bun.write(join(folder, 'bunfig.toml'), 'preload = ["./evil.ts"]\n');
    await Bun.write(join(folder, 'evil.ts'), 'console.log("evil");\n');
    const { out, exitCode } = await run(['config', 'show', '--json'], folder);
    expect(exitCode).toBe(0);
    expect(out).not.toContain('evil');
    expect(out).not.toContain('from-dotenv');
  });

  test('every command loads and rejects unknown options', async () => {
    const folder = emptyHome();
    for (const name of ['login', 'logout', 'status', 'serve', 'ask', 'models', 'explain', 'config']) {
      const help = await run([name, '--help'], folder);
      expect({ name, exitCode: help.exitCode, err: help.err }).toEqual({ name, exitCode: 0, err: '' });
      expect((await run([name, '--nonsense'], folder)).exitCode).toBe(2);
    }
  });
});
