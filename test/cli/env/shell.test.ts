import { describe, expect, test } from 'bun:test';
import { exportLines, shellOf, sourceCommand } from '../../../src/cli/env/shell.ts';

const shells: [string | undefined, string, string][] = [
  ['/bin/bash', 'linux', 'posix'],
  ['/usr/bin/zsh', 'darwin', 'posix'],
  ['/opt/homebrew/bin/fish', 'darwin', 'fish'],
  ['/usr/bin/pwsh', 'linux', 'powershell'],
  ['C:\\Program Files\\PowerShell\\7\\pwsh.exe', 'win32', 'powershell'],
  ['C:\\Program Files\\Git\\usr\\bin\\bash.exe', 'win32', 'posix'],
  [undefined, 'win32', 'powershell'],
  [undefined, 'linux', 'posix'],
];
test.each(shells)('$SHELL %p on %s is %s', (SHELL, platform, shell) => {
  expect(shellOf({ SHELL }, platform)).toBe(shell as 'posix');
});

describe('values', () => {
  const odd = ["it's", 'a b', '$HOME `id` "x"', 'back\\slash', 'two\nlines', '', '*', '~', 'é', '#no'];

  test.each(odd.map((value) => [value]))('a shell reads %p as it is', (value) => {
    const script = `${exportLines({ VALUE: value }, 'posix')}printf '[%s]' "$VALUE"`;
    expect(Bun.spawnSync(['sh', '-c', script]).stdout.toString()).toBe(`[${value}]`);
  });

  test('fish: backslashes and quotes are escaped', () => {
    expect(exportLines({ A: 'plain/1.0', B: "it's a\\b $x", C: '' }, 'fish')).toBe(
      "set -gx A plain/1.0\nset -gx B 'it\\'s a\\\\b $x'\nset -gx C ''\n",
    );
  });

  test('PowerShell: quotes are doubled, nothing else is escaped', () => {
    expect(exportLines({ A: "it's $x `n", B: '' }, 'powershell')).toBe(
      "$env:A = 'it''s $x `n'\n$env:B = ''\n",
    );
  });
});

test('how each shell runs the printed lines', () => {
  expect(sourceCommand('codexd env claude', 'posix')).toBe('eval "$(codexd env claude)"');
  expect(sourceCommand('codexd env claude', 'fish')).toBe('codexd env claude | source');
  expect(sourceCommand('codexd env claude', 'powershell')).toBe(
    'codexd env claude | Out-String | Invoke-Expression',
  );
});
