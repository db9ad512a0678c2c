// The binary that scripts/build compiles, which must not read files of the working directory as Bun does by default.
// scripts/test builds it first.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { hostTarget } from '../../scripts/packaging/targets.ts';
import { commands } from '../../src/cli/commands.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';

const run = (argv: string[], folder: string) => runCodexd(argv, { home: folder, cwd: folder });

describe.skipIf(process.env.CODEXD_BINARY === undefined)('the binary', () => {
  test('knows the commit and the target it was built for', async () => {
    const { out } = await run(['--version'], emptyHome());
    const [, version, commit, target] =
      /^codexd (\d+\.\d+\.\d+) \(([0-9a-f]{12}(?:-dirty)?), (\S+)\)\n$/.exec(out)!;
    expect(target).toBe(hostTarget());
    for (const argv of [
      ['--version', '--json'],
      ['--json', '-V'],
      ['version', '--json'],
    ]) {
      expect(JSON.parse((await run(argv, emptyHome())).out)).toEqual({ version, commit, target });
    }
  });

  test('files in the current directory do not change what it does', async () => {
    const variables = [
      'CODEXD_MODEL=foreign',
      'BUN_OPTIONS=--preload=./foreign.ts',
      'BUN_BE_BUN=1',
      'NODE_ENV=foreign',
    ];
    const files = {
      ...Object.fromEntries(
        ['.env', '.env.local', '.env.production'].map((name) => [name, variables.join('\n')]),
      ),
      'foreign.ts': 'console.log("foreign");',
      'bunfig.toml': 'preload = ["./foreign.ts"]\n[run]\nsilent = true\n',
      'tsconfig.json': '{"compilerOptions":{"paths":{"citty":["./foreign.ts"]}}}',
      'package.json': '{"name":"foreign","imports":{"#x":"./foreign.ts"},"type":"commonjs"}',
      'node_modules/citty/package.json': '{"name":"citty","main":"index.js"}',
      'node_modules/citty/index.js': 'console.log("foreign");',
      '.npmrc': 'registry=http://127.0.0.1:1/foreign',
    };
    const [home, folder] = [emptyHome(), emptyHome()];
    for (const [name, text] of Object.entries(files)) await Bun.write(join(folder, name), text);
    const elsewhere = await runCodexd(['config', 'show', '--json'], { home, cwd: home });
    expect(elsewhere.exitCode).toBe(0);
    expect(await runCodexd(['config', 'show', '--json'], { home, cwd: folder })).toEqual(elsewhere);
  });

  test('NODE_OPTIONS of Node programs are not for it', async () => {
    const home = emptyHome();
    await Bun.write(join(home, 'foreign.js'), 'console.log("foreign");');
    const env = { NODE_OPTIONS: '--require ./foreign.js --import ./foreign.js' };
    const { out, exitCode } = await runCodexd(['config', 'path'], { home, cwd: home, env });
    expect(exitCode).toBe(0);
    expect(out).toBe(`${join(home, '.config/codexd/config.toml')}\n`);
  });

  test('every command loads and rejects unknown options', async () => {
    const folder = emptyHome();
    for (const name of Object.keys(commands)) {
      const help = await run([name, '--help'], folder);
      expect({ name, exitCode: help.exitCode, err: help.err }).toEqual({ name, exitCode: 0, err: '' });
      expect((await run([name, '--nonsense'], folder)).exitCode).toBe(2);
    }
  });
});
