// Real shells load the scripts and complete what is typed.
import { beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codexdCommand, emptyHome, runCodexd } from '../process.ts';

const home = emptyHome();
const env = {
  PATH: `${join(home, 'bin')}:${process.env.PATH}`,
  HOME: home,
  TERM: 'dumb',
  PS1: '$ ',
  LC_ALL: 'C.UTF-8',
};

beforeAll(() => {
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, 'work/recordings'), { recursive: true });
  writeFileSync(join(home, 'work/my voice.m4a'), '');
  const quoted = codexdCommand.map((word) => `'${word}'`).join(' ');
  writeFileSync(join(home, 'bin/codexd'), `#!/bin/sh\nexec ${quoted} "$@"\n`);
  chmodSync(join(home, 'bin/codexd'), 0o755);
});

/** What a shell on a terminal completes in `lines` when the Tab key is pressed after each. */
async function typedInto(argv: string[], setup: string, lines: readonly string[]): Promise<string[]> {
  let written = '';
  const decoder = new TextDecoder();
  const results: string[] = [];
  const shell = Bun.spawn(argv, {
    env,
    cwd: join(home, 'work'),
    timeout: 50_000,
    terminal: {
      cols: 200,
      rows: 24,
      data(terminal, bytes) {
        written += decoder.decode(bytes, { stream: true });
        const result = /^<(.*)>\r?$/m.exec(written);
        if (result === null) return;
        written = '';
        results.push(result[1]!.trimEnd());
        // The first result belongs to the setup. Ctrl-A goes to the start of a line and Ctrl-E to its end, to print it.
        const line = lines[results.length - 1];
        terminal.write(line === undefined ? 'exit\n' : `${line}\t\x01echo "<\x05>"\n`);
      },
    },
  });
  shell.terminal!.write(`${setup}; echo "<>"\n`);
  await shell.exited;
  return results.slice(1);
}

const lines: [typed: string, completed: string][] = [
  ['codexd env contin', 'codexd env continue'],
  ['codexd config ke', 'codexd config key'],
  ['codexd serve --log-format js', 'codexd serve --log-format json'],
  ['codexd serve --log-format=js', 'codexd serve --log-format=json'],
  ['codexd transcribe --output-d', 'codexd transcribe --output-dir'],
  ['codexd my', 'codexd my\\ voice.m4a'],
  ['codexd transcribe rec', 'codexd transcribe recordings/'],
  ['codexd transcribe --output-dir=rec', 'codexd transcribe --output-dir=recordings/'],
];

/** Sessions without the user's configuration. */
const interactive: [name: string, argv: [string, ...string[]], setup: string][] = [
  ['bash', ['bash', '--norc', '--noprofile', '-i'], 'source <(codexd completions bash)'],
  [
    'zsh',
    ['zsh', '-f', '-i'],
    'bindkey -e; setopt no_auto_remove_slash; autoload -U compinit && compinit -u -D; source <(codexd completions zsh)',
  ],
  [
    'zsh, which finds the script by its name,',
    ['zsh', '-f', '-i'],
    'bindkey -e; setopt no_auto_remove_slash; codexd completions zsh >_codexd; fpath+=($PWD); autoload -U compinit && compinit -u -D',
  ],
];

for (const [name, argv, setup] of interactive) {
  const isMissing = Bun.which(argv[0]) === null || process.platform === 'win32';
  if (isMissing) console.warn(`${argv[0]} is not available, so its completions are not tried.`);
  test.skipIf(isMissing)(`${name} completes what is typed`, async () => {
    const typed = lines.map(([line]) => line);
    expect(await typedInto(argv, setup, typed)).toEqual(lines.map(([, completed]) => completed));
  });
}

const fishIsMissing = Bun.which('fish') === null || process.platform === 'win32';
if (fishIsMissing) console.warn('fish is not available, so its completions are not tried.');
test.skipIf(fishIsMissing)('fish lists completions with descriptions', () => {
  const completions = (line: string) => {
    const script = `codexd completions fish | source; complete -C '${line}'`;
    const { stdout, stderr } = Bun.spawnSync(['fish', '--no-config', '-c', script], {
      env,
      cwd: join(home, 'work'),
    });
    return stdout.toString() + stderr.toString();
  };
  expect(completions('codexd env contin')).toBe('continue\n');
  expect(completions('codexd config ke')).toBe('key\tManage the API keys of clients\n');
  expect(completions('codexd serve --log-format=js')).toBe('--log-format=json\n');
  expect(completions('codexd my')).toStartWith('my voice.m4a');
  expect(completions('codexd transcribe --output-dir=rec')).toStartWith('--output-dir=recordings/');
});

describe('codexd completions', () => {
  test('names the shells when it does not know one', async () => {
    const { err, exitCode } = await runCodexd(['completions', 'tcsh']);
    expect(exitCode).toBe(2);
    expect(err).toContain('Use one of bash, zsh, fish, powershell.');
  });

  test('prints nothing for a line that cannot be completed', async () => {
    const { out, err, exitCode } = await runCodexd(['completions', 'bash', '--', 'nonsense', 'more', '']);
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    expect(out).toBe(':files\n');
  });
});
