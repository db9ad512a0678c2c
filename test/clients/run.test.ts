// `codexd run` with the real programs, as on a machine where codexd was just installed and nothing else is configured.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { installFromNpm } from '../support/install.ts';
import { installClaudeCode } from './claude-code.ts';
import { installCodex } from './codex-cli.ts';

const quoted =
  'You said: “hello”. This answer comes from the simulated upstream, which answers every request with it.\n';

/** Runs `codexd run WORDS…` with the program on PATH, in an empty working directory. */
function run(program: string, words: string[], home: string) {
  return runCodexd(['run', ...words], {
    home,
    cwd: mkdtempSync(join(tmpdir(), 'codexd-run-cwd-')),
    env: {
      PATH: `${dirname(program)}:${process.env.PATH}`,
      LANG: 'C.UTF-8',
      PI_OFFLINE: '1',
      // Bun, which runs codexd's source if there is no binary, would cache it in the home directory.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0',
    },
  });
}

const filesIn = (directory: string) => readdirSync(directory, { recursive: true }).map(String).sort();

const claude = installClaudeCode();
if ('why' in claude) console.log(`Skipped: ${claude.why}.`);

describe.skipIf('why' in claude)('codexd run claude', () => {
  const path = 'path' in claude ? claude.path : '';

  test('-p hello answers, and leaves the home directory empty', async () => {
    const home = emptyHome();
    const { out, exitCode } = await run(path, ['--demo', 'claude', '-p', 'hello'], home);
    expect({ out, exitCode }).toEqual({ out: quoted, exitCode: 0 });
    expect(filesIn(home)).toEqual([]);
  }, 60_000);

  test('overrides an address in the user’s settings, and does not change them', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.claude'));
    const settings = join(home, '.claude/settings.json');
    const text = '{ "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:9" } }\n';
    writeFileSync(settings, text);
    const { out, exitCode } = await run(path, ['--demo', 'claude', '-p', 'hello'], home);
    expect({ out, exitCode }).toEqual({ out: quoted, exitCode: 0 });
    expect(readFileSync(settings, 'utf8')).toBe(text);
  }, 60_000);
});

const codex = installCodex();
if ('why' in codex) console.log(`Skipped: ${codex.why}.`);

describe.skipIf('why' in codex)('codexd run codex', () => {
  const path = 'path' in codex ? codex.path : '';

  test('exec hello answers, and leaves the home directory empty', async () => {
    const home = emptyHome();
    const words = ['--demo', 'codex', 'exec', '--skip-git-repo-check', 'hello'];
    const { out, err, exitCode } = await run(path, words, home);
    expect({ out, exitCode }).toEqual({ out: quoted, exitCode: 0 });
    expect(err).not.toContain('Refusing to create helper binaries');
    expect(filesIn(home)).toEqual([]);
  }, 60_000);
});

// pi requires a newer Node than this machine may have.
const pi = installFromNpm('pi-1.6.0', ['@earendil-works/pi-coding-agent@1.6.0', 'node@24.21.0']);
if (pi === undefined) console.log('Skipped: npm could not install pi 1.6.0.');

describe.skipIf(pi === undefined)('codexd run pi', () => {
  const path = join(pi ?? '', 'node_modules/.bin/pi');

  test('-p hello answers, and leaves the home directory empty', async () => {
    const home = emptyHome();
    const { out, exitCode } = await run(path, ['--demo', 'pi', '-p', 'hello'], home);
    expect({ out, exitCode }).toEqual({ out: quoted, exitCode: 0 });
    expect(filesIn(home)).toEqual([]);
  }, 60_000);
});
