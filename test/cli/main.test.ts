import { describe, expect, test } from 'bun:test';
import pkg from '../../package.json' with { type: 'json' };
import { runCodexd, spawnCodexd } from './process.ts';

describe('exit codes and error texts', () => {
  test('--version', async () => {
    const build = String.raw`(?:source|[\w-]+, [\w-]+)`; // commit and target
    expect(await runCodexd(['--version'])).toEqual({
      out: expect.stringMatching(new RegExp(`^codexd ${RegExp.escape(pkg.version)} \\(${build}\\)\n$`)),
      err: '',
      exitCode: 0,
    });
  });

  test('a failure prints what failed and what to do, on stderr', async () => {
    expect(await runCodexd(['serv'])).toEqual({
      out: '',
      err: 'codexd: Unknown command "serv" for `codexd`.\nDid you mean `codexd serve`?\n',
      exitCode: 2,
    });
  });

  test('--json prints the same as an object, even for usage errors', async () => {
    const { out, err, exitCode } = await runCodexd(['config', 'show', '--json', '--prot', '1']);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(JSON.parse(err)).toEqual({
      error: {
        kind: 'invalid_request',
        code: 'usage',
        message: 'Unknown option `--prot` for `codexd config show`.',
        next: 'Did you mean `--port`?',
      },
    });
  });

  test('a secret in an argument is not repeated', async () => {
    const { err } = await runCodexd(['config', 'check', 'sk-abcdefghijklmnop']);
    expect(err).toContain('Unexpected argument "[redacted]"');
  });
});

describe('streams', () => {
  test('no colours in a pipe', async () => {
    const { out } = await runCodexd(['--help'], { env: { FORCE_COLOR: '1' } });
    expect(out).not.toContain('\u001b');
  });

  test('everything arrives in a slow pipe, not only the first 64 KiB', async () => {
    const long = `[models.aliases]\n${Array.from({ length: 4000 }, (_, i) => `"name-${i}" = "gpt-5.5-with-a-long-name"`).join('\n')}\n`;
    const file = `${process.env.TMPDIR ?? '/tmp'}/codexd-long-${process.pid}.toml`;
    await Bun.write(file, long);
    const child = spawnCodexd(['config', 'show', '--json', '--config', file]);
    await Bun.sleep(5);
    const out = await child.stdout.text();
    expect(out.length).toBeGreaterThan(100_000);
    expect(() => JSON.parse(out)).not.toThrow();
  });

  test('a reader that closes the pipe is not an error', async () => {
    const child = spawnCodexd(['config', 'show']);
    await child.stdout.cancel();
    expect(await child.exited).toBe(0);
    expect(await child.stderr.text()).toBe('');
  });
});
