// install.sh, as a user with an empty home runs it against a server.

import { afterAll, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../support/run-program.ts';
import { fakeRelease, serveFolder, temporaryDirectory } from './support.ts';

const folder = temporaryDirectory();
let damage: ((name: string, bytes: Uint8Array) => Uint8Array) | undefined;
const server = serveFolder(folder.path, (name, bytes) => damage?.(name, bytes) ?? bytes);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});
const old = await fakeRelease(folder.path, '1.0.0', server.url);
const next = await fakeRelease(folder.path, '1.1.0', server.url);
const broken = await fakeRelease(
  folder.path,
  '2.0.0',
  server.url,
  '#!/bin/sh\necho "libstdc++ is missing" >&2; exit 127\n',
);
// Lets another user read the scripts.
chmodSync(folder.path, 0o755);

/** Which has a script of its own, and no shell. */
const isWindows = process.platform === 'win32';
/** A user without rights outside of the home directory: root may write everywhere. */
const isRoot = process.getuid?.() === 0;
const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
const canDropRights = !isRoot || Bun.which('setpriv') !== null;

let homes = 0;
function emptyHome(): string {
  homes += 1;
  const home = join(folder.path, `home-${homes}`);
  mkdirSync(home);
  if (isRoot && canDropRights) chownSync(home, 65534, 65534);
  return home;
}

interface Options {
  home?: string;
  path?: string;
  script?: string;
  shell?: string[];
}

const install = (release: { output: string }) => join(release.output, 'install.sh');

/** Asynchronous, because the server runs in this process. */
async function run(
  argv: string[],
  { home = emptyHome(), path = process.env.PATH!, ...options }: Options = {},
) {
  const { script = install(old), shell = ['sh'] } = options;
  const rights = canDropRights ? asNobody : [];
  const env = { HOME: home, PATH: path };
  return { home, ...(await runProgram([...rights, ...shell, script, ...argv], { env, cwd: home })) };
}

const installed = (home: string) =>
  readdirSync(join(home, 'p'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + '/p/'.length))
    .sort();

async function versionIn(home: string): Promise<string> {
  return new Response(Bun.spawn([join(home, 'p/bin/codexd'), '--version']).stdout).text();
}

const prefix = ['--prefix', 'p'];

describe.skipIf(isWindows)('install.sh', () => {
  test('installs the program, the man page, completions and licences', async () => {
    const { home, out, err, exitCode } = await run(prefix);
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    expect(out).toContain(`Installed codexd 1.0.0 (test) to ${home}/p/bin/codexd.\n`);
    expect(out).toContain(`  export PATH="${home}/p/bin:$PATH"\n`);
    expect(out).toContain('Next:\n  codexd login ');
    expect(await versionIn(home)).toBe('codexd 1.0.0 (test)\n');
    expect(installed(home)).toEqual(
      expect.arrayContaining([
        ...['bin/codexd', 'share/man/man1/codexd.1', 'share/bash-completion/completions/codexd'],
        ...['share/zsh/site-functions/_codexd', 'share/fish/vendor_completions.d/codexd.fish'],
        ...['share/doc/codexd/LICENSE', 'share/doc/codexd/licenses/MIT.txt'],
      ]),
    );
  });

  test.skipIf(!canDropRights)('installs to ~/.local without rights to /usr/local', async () => {
    const { home, out, exitCode } = await run([]);
    expect(exitCode).toBe(0);
    expect(out).toContain(`Installed codexd 1.0.0 (test) to ${home}/.local/bin/codexd.`);
  });

  test('installs from a pipe', async () => {
    const home = emptyHome();
    const child = Bun.spawn([...(canDropRights ? asNobody : []), 'sh', '-s', '--', ...prefix], {
      env: { HOME: home, PATH: process.env.PATH },
      cwd: home,
      stdin: Bun.file(install(old)),
      stdout: 'pipe',
    });
    expect(await new Response(child.stdout).text()).toContain('Installed codexd 1.0.0 (test)');
    expect(await versionIn(home)).toBe('codexd 1.0.0 (test)\n');
  });

  test('replaces an older version, and says so', async () => {
    const { home } = await run(prefix);
    const { out, exitCode } = await run(prefix, { home, script: install(next) });
    expect(exitCode).toBe(0);
    expect(out).toContain('Replaced codexd 1.0.0 (test) with codexd 1.1.0 (test)');
    expect(await versionIn(home)).toBe('codexd 1.1.0 (test)\n');
    expect((await run([...prefix, '--version', 'v1.0.0'], { home, script: install(next) })).exitCode).toBe(0);
    expect(await versionIn(home)).toBe('codexd 1.0.0 (test)\n');
    expect((await run(prefix, { home })).out).toContain(
      `Installed codexd 1.0.0 (test) to ${home}/p/bin/codexd again.`,
    );
    expect(readdirSync(join(home, 'p/bin'))).toEqual(['codexd']);
  });

  test('removes what it installed, and nothing else', async () => {
    const { home } = await run(prefix);
    writeFileSync(join(home, 'p/bin/other'), '');
    const { out, exitCode } = await run([...prefix, '--uninstall'], { home });
    expect(exitCode).toBe(0);
    expect(out).toContain(`Removed codexd from ${home}/p.\n`);
    expect(installed(home)).toEqual(['bin/other']);
    const again = await run([...prefix, '--uninstall'], { home });
    expect(again.exitCode).toBe(1);
    expect(again.err).toContain(`codexd is not installed in ${home}/p.`);
  });

  test('keeps the old version if the checksum is wrong', async () => {
    const { home } = await run(prefix);
    damage = (name, bytes) => (name.endsWith('.gz') ? Buffer.concat([bytes, Buffer.from('x')]) : bytes);
    const { err, exitCode } = await run(prefix, { home, script: install(next) });
    damage = undefined;
    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /^Error: The checksum of codexd-\S+ is [0-9a-f]{64} and not [0-9a-f]{64}, so nothing was installed.\n/,
    );
    expect(await versionIn(home)).toBe('codexd 1.0.0 (test)\n');
  });

  test('keeps the old version if the new one does not run', async () => {
    const { home } = await run(prefix);
    const { err, exitCode } = await run(prefix, { home, script: install(broken) });
    expect(exitCode).toBe(1);
    expect(err).toContain(
      '  libstdc++ is missing\nError: codexd does not run on this machine, so nothing was installed.',
    );
    expect(await versionIn(home)).toBe('codexd 1.0.0 (test)\n');
  });

  test('refuses a release without a checksum for the archive', async () => {
    damage = (name, bytes) => (name.endsWith('SUMS') ? Buffer.from('') : bytes);
    const { home, err, exitCode } = await run(prefix);
    damage = undefined;
    expect(exitCode).toBe(1);
    expect(err).toContain('SHA256SUMS has no checksum for codexd-');
    expect(installed(home)).toEqual([]);
  });

  test.skipIf(!canDropRights)('says which directory it cannot write to', async () => {
    const closed = join(folder.path, 'closed/bin');
    mkdirSync(closed, { recursive: true, mode: 0o555 });
    if (!isRoot) chmodSync(join(folder.path, 'closed'), 0o555);
    for (const place of ['closed', 'closed/new']) {
      const { err, exitCode } = await run(['--prefix', join(folder.path, place)]);
      expect(exitCode).toBe(1);
      expect(err).toStartWith(
        `Error: Cannot write to ${folder.path}/${place}/bin.\nChoose another directory with --prefix`,
      );
    }
  });

  test('says that a version does not exist', async () => {
    const { err, exitCode } = await run([...prefix, '--version=9.9.9']);
    expect(exitCode).toBe(1);
    expect(err).toContain(
      `Could not download ${server.url}/v9.9.9/SHA256SUMS: the server refused.\nCheck the version`,
    );
  });

  test('says that the server cannot be reached', async () => {
    const script = join(folder.path, 'offline.sh');
    writeFileSync(script, readFileSync(install(old), 'utf8').replaceAll(server.url, 'http://127.0.0.1:1'));
    const { err, exitCode } = await run(prefix, { script });
    expect(exitCode).toBe(1);
    expect(err).toContain(
      'Could not download http://127.0.0.1:1/v1.0.0/SHA256SUMS.\nCheck your network connection',
    );
  });

  test('explains unknown options, versions and missing values', async () => {
    for (const argv of [['--nonsense'], ['--prefix'], ['--version', '../x']]) {
      const { err, exitCode } = await run(argv);
      expect({ argv, exitCode }).toEqual({ argv, exitCode: 2 });
      expect(err).toContain('Run install.sh --help for the options.');
    }
    expect((await run(['--help'])).out).toContain('--uninstall');
  });

  test('does nothing if the script itself was cut off', async () => {
    const whole = readFileSync(install(old), 'utf8');
    const home = emptyHome();
    for (let length = 100; length < whole.length - 10; length += 700) {
      const script = join(folder.path, 'cut.sh');
      writeFileSync(script, whole.slice(0, length));
      await run(prefix, { home, script });
      expect(readdirSync(home)).toEqual([]);
    }
  });
});

describe.skipIf(isWindows)('the machine', () => {
  /** A PATH with commands that report another machine before the real ones. */
  function pathWith(commands: Record<string, string>): string {
    const bin = join(folder.path, `bin-${Object.entries(commands).flat().join('-').replace(/\W+/g, '-')}`);
    mkdirSync(bin, { recursive: true });
    for (const [name, body] of Object.entries(commands)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
    return `${bin}:${process.env.PATH}`;
  }
  const machine = (system: string, processor: string) =>
    pathWith({ uname: `[ "$1" = -m ] && echo ${processor} || echo ${system}` });
  const targetOf = async (path: string) => /for (\S+)\.\n/.exec((await run(prefix, { path })).out)?.[1];

  test.each([
    ['Darwin', 'arm64', 'darwin-arm64'],
    ['Darwin', 'x86_64', 'darwin-x64'],
    ['Linux', 'aarch64', 'linux-arm64'],
    ['Linux', 'x86_64', 'linux-x64'],
  ])('%s on %s gets %s', async (system, processor, target) => {
    expect(await targetOf(machine(system, processor))).toBe(target);
  });

  test('a shell under Rosetta gets the program of the real processor', async () => {
    const path = pathWith({ uname: '[ "$1" = -m ] && echo x86_64 || echo Darwin', sysctl: 'echo 1' });
    expect(await targetOf(path)).toBe('darwin-arm64');
  });

  const hasMuslLoader = existsSync('/lib') && readdirSync('/lib').some((name) => name.startsWith('ld-musl-'));
  test.skipIf(!hasMuslLoader)('a system with musl and without glibc gets the program for musl', async () => {
    const path = pathWith({ uname: '[ "$1" = -m ] && echo x86_64 || echo Linux', getconf: 'exit 1' });
    expect(await targetOf(path)).toBe('linux-x64-musl');
  });

  test.each([
    ['SunOS', 'x86_64', 'codexd is not available for SunOS.'],
    ['Linux', 'riscv64', 'codexd is not available for riscv64 processors.'],
    ['MINGW64_NT-10.0', 'x86_64', 'install.ps1 | iex'],
  ])('%s on %s is refused', async (system, processor, message) => {
    const { home, err, exitCode } = await run(prefix, { path: machine(system, processor) });
    expect(exitCode).toBe(1);
    expect(err).toContain(message);
    expect(readdirSync(home)).toEqual([]);
  });
});

describe.skipIf(isWindows)('other tools', () => {
  const needed = [
    'sh',
    'uname',
    'getconf',
    'mkdir',
    'mktemp',
    'rm',
    'sed',
    'cut',
    'tar',
    'gzip',
    'chmod',
    'cp',
    'mv',
    'dirname',
    'cat',
  ];
  /** A PATH with only these programs. */
  function pathOf(name: string, programs: string[]): string {
    const bin = join(folder.path, name);
    mkdirSync(bin);
    for (const program of [...needed, ...programs]) {
      const found = Bun.which(program);
      if (found !== null) symlinkSync(found, join(bin, program));
    }
    return bin;
  }
  const shell = [Bun.which('sh')!];
  /** It is not on the script's PATH. */
  const drop = asNobody.length > 0 && canDropRights ? [Bun.which('setpriv')!, ...asNobody.slice(1)] : [];
  const tried = async (path: string) => {
    const home = emptyHome();
    const child = Bun.spawn([...drop, ...shell, install(old), ...prefix], {
      env: { HOME: home, PATH: path },
      cwd: home,
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const err = await new Response(child.stderr).text();
    return { err, exitCode: await child.exited };
  };

  test.skipIf(Bun.which('wget') === null)('wget does where there is no curl', async () => {
    expect(await tried(pathOf('with-wget', ['wget', 'sha256sum']))).toEqual({ err: '', exitCode: 0 });
  });

  test.skipIf(Bun.which('curl') === null || Bun.which('openssl') === null)(
    'openssl does where there is no sha256sum',
    async () => {
      expect(await tried(pathOf('with-openssl', ['curl', 'openssl']))).toEqual({ err: '', exitCode: 0 });
    },
  );

  test('without curl and wget, it says what is missing', async () => {
    const { err, exitCode } = await tried(pathOf('with-nothing', ['sha256sum']));
    expect(exitCode).toBe(1);
    expect(err).toContain('Neither curl nor wget was found.');
  });

  test.skipIf(Bun.which('curl') === null)(
    'without a program for checksums, nothing is installed',
    async () => {
      const { err, exitCode } = await tried(pathOf('with-curl', ['curl']));
      expect(exitCode).toBe(1);
      expect(err).toContain('No program to verify the download was found.');
    },
  );

  for (const shell of [['dash'], ['busybox', 'sh'], ['bash', '--posix']]) {
    test.skipIf(Bun.which(shell[0]!) === null)(`${shell.join(' ')} runs the script`, async () => {
      const { err, exitCode } = await run(prefix, { shell });
      expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    });
  }
});
