// Mistakes in paths and the environment are errors in one sentence, never a stack trace.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codexdCommand, emptyHome, runCodexd } from './process.ts';

const serve = ['serve', '--demo', '--listen', '127.0.0.1:0'];
const state = '.local/state/codexd/default';

type Prepare = (home: string) => void;
const nothing: Prepare = () => {};
const within = (path: string, make: (path: string) => void) => (home: string) => {
  mkdirSync(join(home, path, '..'), { recursive: true });
  make(join(home, path));
};
const loop = (path: string) => within(path, (at) => symlinkSync(at, at));
const directory = (path: string) => within(path, (at) => mkdirSync(at));
const file = (path: string, text = '') => within(path, (at) => writeFileSync(at, text));

const mistakes: [name: string, prepare: Prepare, argv: string[], message: string][] = [
  [
    'a ready file nowhere',
    nothing,
    [...serve, '--ready-file', '/nonexist/r'],
    'Cannot write the ready file /nonexist/r: no such file',
  ],
  [
    'a ready file that is a directory',
    nothing,
    [...serve, '--ready-file', '/tmp'],
    'Cannot write the ready file /tmp: it is a directory',
  ],
  [
    'a socket nowhere',
    nothing,
    ['serve', '--demo', '--listen', 'unix:/nonexist/s'],
    'Cannot listen on unix:/nonexist/s',
  ],
  [
    'a login that is a loop of links',
    loop(`${state}/auth.json`),
    ['ask', 'hi'],
    'too many levels of symbolic links',
  ],
  ['the same for status', loop(`${state}/auth.json`), ['status'], ''],
  ['the same for logout', loop(`${state}/auth.json`), ['logout'], 'too many levels of symbolic links'],
  ['a login that is a directory', directory(`${state}/auth.json`), ['ask', 'hi'], 'Not logged in to ChatGPT'],
  [
    'a state directory that is a file',
    file('.local/state/codexd'),
    ['login', '--no-browser', '--port', '0'],
    'not a directory',
  ],
  ['settings that are a directory', directory('.config/codexd/config.toml'), ['status'], 'it is a directory'],
  [
    'settings that are a loop of links',
    loop('.config/codexd/config.toml'),
    ['status'],
    'too many levels of symbolic links',
  ],
  [
    'settings of Codex that are a directory',
    directory('.codex/config.toml'),
    ['status'],
    'it is a directory',
  ],
  [
    'a login of Codex that is a directory',
    directory('.codex/auth.json'),
    ['login', '--import'],
    'it is a directory',
  ],
  [
    'certificates that are a directory',
    nothing,
    ['status', '--ca-file', '/tmp'],
    'Cannot read the certificate file /tmp: it is a directory',
  ],
  [
    'a schema that is a directory',
    nothing,
    ['ask', 'hi', '--schema', '/tmp'],
    'Cannot read /tmp: it is a directory',
  ],
  [
    'a client configuration that is a directory',
    directory('.aider.conf.yml'),
    ['env', 'aider', '--write'],
    'it is a directory',
  ],
  [
    'a NUL in a path',
    file('.config/codexd/config.toml', '[auth]\nauth_file = "/a\\u0000b"\n'),
    ['status'],
    'free of NUL characters',
  ],
  [
    'a NUL in a socket',
    file('.config/codexd/config.toml', '[server]\nlisten = ["unix:/a\\u0000b"]\n'),
    ['serve', '--demo'],
    'free of NUL characters',
  ],
];

test.each(mistakes)('%s', async (_, prepare, argv, message) => {
  const home = emptyHome();
  prepare(home);
  const { out, err, exitCode } = await runCodexd(argv, { home });
  expect(err).toContain(message);
  expect(out + err).not.toMatch(/^ {4}at |Internal error in codexd/m);
  expect(exitCode).toBeGreaterThan(0);
});

/** Root can run it as another user if that user can read the program. */
const canBeSomebody =
  process.getuid?.() === 0 &&
  Bun.which('setpriv') !== null &&
  asUnknownUser(['--version'], {}).exitCode === 0;
if (!canBeSomebody)
  console.log('unknown users are not tried: that needs root, setpriv and a program all may read');

/** Runs as a user without an entry in the user database, as in containers. */
function asUnknownUser(argv: string[], env: Record<string, string>) {
  const child = Bun.spawnSync(['setpriv', '--reuid=54321', '--clear-groups', ...codexdCommand, ...argv], {
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd: '/',
  });
  return { out: child.stdout.toString(), err: child.stderr.toString(), exitCode: child.exitCode };
}

describe.skipIf(!canBeSomebody)('an unknown user', () => {
  test('without HOME, the error says to set it', () => {
    const { err, exitCode } = asUnknownUser(['status'], {});
    expect(err).toBe(
      'codexd: Cannot find a home directory: HOME is not set, and user 54321 has no entry in the user database.\nSet HOME to a directory that codexd may write to.\n',
    );
    expect(exitCode).toBe(1);
  });

  test('needs none for help', () => {
    expect(asUnknownUser(['--help'], {})).toMatchObject({ err: '', exitCode: 0 });
    expect(asUnknownUser(['status', '--help'], {})).toMatchObject({ err: '', exitCode: 0 });
  });

  test.each([
    [['config', 'key', 'add', 'phone'], 'permission denied'],
    [['env', 'aider', '--write'], 'Cannot write'],
    [['login', '--no-browser', '--port', '0'], 'permission denied'],
  ])('with a home that cannot be written: %p', (argv, message) => {
    const { err, exitCode } = asUnknownUser(argv, { HOME: '/' });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^ {4}at /m);
    expect(exitCode).toBeGreaterThan(0);
  });
});
