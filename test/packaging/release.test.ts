// The files of a release match each other and depend only on the binaries and the repository.
import { afterAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tarGz, zip } from '../../scripts/packaging/archives.ts';
import { changelogSection } from '../../scripts/packaging/changelog.ts';
import { archiveName } from '../../scripts/packaging/release.ts';
import { targets } from '../../scripts/packaging/targets.ts';
import { shells } from '../../src/cli/completions/shells.ts';
import { fakeRelease, temporaryDirectory } from './support.ts';

const root = join(import.meta.dir, '../..');
const folder = temporaryDirectory();
afterAll(() => folder[Symbol.dispose]());
const baseUrl = 'https://codexd.example/releases';
const release = await fakeRelease(folder.path, '1.2.3', baseUrl);
const read = (name: string) => readFileSync(join(release.output, name));
const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function run(command: string[], options: { cwd?: string } = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, options);
  return { exitCode, text: stdout.toString() + stderr.toString() };
}

/** Third-party programs that some machines do not have. */
function has(program: string): boolean {
  if (Bun.which(program) !== null) return true;
  console.warn(`${program} is not installed, so what it checks is not checked.`);
  return false;
}

test('SHA256SUMS has the checksum of every archive', () => {
  const sums = read('SHA256SUMS').toString().trim().split('\n');
  expect(sums).toEqual(
    targets.map((target) => `${sumOf(read(archiveName(target)))}  ${archiveName(target)}`),
  );
});

test('an archive has the program, the man page, completions and licences', () => {
  const { text } = run(['tar', '-tvzf', join(release.output, 'codexd-linux-x64.tar.gz')]);
  const files = text
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, 10), line.split('codexd-1.2.3-linux-x64/')[1]]);
  expect(files[0]).toEqual(['-rwxr-xr-x', 'codexd']);
  const names = files
    .slice(1)
    .map(([mode, name]) => (mode === '-rw-r--r--' ? name : `${name} has mode ${mode}`));
  expect(names).toEqual(
    expect.arrayContaining([
      'codexd.1',
      'completions/_codexd',
      'completions/codexd.bash',
      'completions/codexd.fish',
    ]),
  );
  expect(names).toEqual(expect.arrayContaining(['LICENSE', 'THIRD-PARTY.md', 'licenses/MIT.txt']));
});

test.skipIf(!has('python3'))('the archive for Windows is a ZIP that others can read', () => {
  const list =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print("\\n".join(z.namelist()))';
  const { exitCode, text } = run(['python3', '-c', list, join(release.output, 'codexd-windows-x64.zip')]);
  expect({ exitCode, text }).toEqual({
    exitCode: 0,
    text: expect.stringContaining('codexd-1.2.3-windows-x64/codexd.exe\n'),
  });
  expect(text).toContain('completions/codexd.ps1');
});

test('the same files make the same archives', () => {
  const files = [{ path: 'a/b', content: Buffer.from('text'.repeat(1000)), isExecutable: true }];
  for (const pack of [tarGz, zip]) expect(pack(files).equals(pack(files))).toBe(true);
  expect(() => tarGz([{ path: 'x'.repeat(101), content: Buffer.alloc(0) }])).toThrow('too long');
});

describe('the formula', () => {
  const formula = read('codexd.rb').toString();

  test('has the addresses and checksums of the archives', () => {
    const pairs = [...formula.matchAll(/url "(.*)"\n\s+sha256 "(.*)"/g)].map(([, url, sum]) => [url, sum]);
    expect(pairs).toEqual(
      ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'].map((target) => [
        `${baseUrl}/v1.2.3/codexd-${target}.tar.gz`,
        sumOf(read(`codexd-${target}.tar.gz`)),
      ]),
    );
    expect(formula).not.toContain('@');
  });

  test('of the repository is made from the same template', () => {
    const shared = (text: string) => text.replace(/^ *(?:homepage|version|url|sha256) ".*"$/gm, '');
    expect(shared(readFileSync(join(root, 'Formula/codexd.rb'), 'utf8'))).toBe(shared(formula));
  });

  test('installs files that the archives have', () => {
    const { text } = run(['tar', '-tzf', join(release.output, 'codexd-darwin-arm64.tar.gz')]);
    for (const [, name] of formula.matchAll(/\.install "([^"]+)"/g)) expect(text).toContain(`/${name}`);
  });

  test.skipIf(!has('ruby'))('is valid Ruby', () => {
    expect(run(['ruby', '-c', join(release.output, 'codexd.rb')]).text).toBe('Syntax OK\n');
  });

  test.skipIf(!has('rubocop'))("keeps Homebrew's style", () => {
    const config = join(root, 'scripts/packaging/rubocop.yml');
    const { exitCode, text } = run([
      'rubocop',
      '--cache',
      'false',
      '--config',
      config,
      join(release.output, 'codexd.rb'),
    ]);
    expect({ exitCode, text }).toEqual({ exitCode: 0, text: expect.stringContaining('no offenses') });
  });
});

test('the installers download this release', () => {
  expect(read('install.sh').toString()).toContain(`base_url='${baseUrl}'\nrelease='1.2.3'\n`);
  expect(read('install.ps1').toString()).toContain(`$url = "${baseUrl}/v$number"`);
  for (const name of ['install.sh', 'install.ps1']) expect(read(name).toString()).not.toMatch(/@[A-Z_]+@/);
});

test.skipIf(!has('shellcheck'))('shellcheck finds nothing in the scripts', () => {
  const scripts = ['scripts/build', 'scripts/release', 'scripts/check-builds', 'scripts/check-release'];
  const { exitCode, text } = run(['shellcheck', join(release.output, 'install.sh'), ...scripts], {
    cwd: root,
  });
  expect({ exitCode, text }).toEqual({ exitCode: 0, text: '' });
});

test.skipIf(!has('pwsh'))('PowerShell can parse its scripts', () => {
  const completions = join(folder.path, 'completions.ps1');
  writeFileSync(completions, shells.powershell.script);
  for (const script of [join(release.output, 'install.ps1'), completions]) {
    const parse = `[Management.Automation.Language.Parser]::ParseFile('${script}', [ref]$null, [ref]$e) | Out-Null`;
    const { exitCode, text } = run([
      'pwsh',
      '-NoProfile',
      '-Command',
      `$e = $null; ${parse}; $e; exit $e.Count`,
    ]);
    expect({ exitCode, text }).toEqual({ exitCode: 0, text: '' });
  }
});

describe('the notes of a release', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n## 1.2.3 (2026-12-01)\n\n- New.\n\n### More\n\n- Old.\n\n## 1.2.2\n';

  test('are its section of the changelog', () => {
    expect(changelogSection(changelog, '1.2.3')).toBe('- New.\n\n### More\n\n- Old.');
  });

  test('are missing for an empty or unknown section', () => {
    expect(changelogSection(changelog, '1.2.2')).toBeUndefined();
    expect(changelogSection(changelog, '1.2')).toBeUndefined();
  });
});

describe.skipIf(process.platform === 'win32')('scripts/release', () => {
  const refused = (...argv: string[]) => run([join(root, 'scripts/release'), ...argv]);

  test('refuses another version than that of package.json', () => {
    const { exitCode, text } = refused('99.0.0');
    expect(exitCode).toBe(2);
    expect(text).toContain('and not 99.0.0.');
  });

  test('says how it is used', () => {
    for (const argv of [[], ['1.0.0', '2.0.0'], ['1.0.0', '--nonsense']]) {
      const { exitCode, text } = refused(...argv);
      expect(exitCode).toBe(2);
      expect(text).toContain('Usage: scripts/release VERSION [--base-url URL]');
    }
  });
});
