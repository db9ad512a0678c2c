// deploy/systemd and deploy/launchd, checked by systemd's and Python's own parsers if they are installed.
import { describe, expect, test } from 'bun:test';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unknownVariables } from '../../src/config/env.ts';
import { namedKeys } from '../../src/config/schema.ts';
import { startDaemon } from '../clients/daemon.ts';
import { until } from '../support/until.ts';

const deploy = join(import.meta.dir, '../../deploy');
const units = ['codexd.service', 'codexd.socket', 'codexd-proxy.service'];
const read = (name: string) => readFileSync(join(deploy, 'systemd', name), 'utf8');

const noSystemd = Bun.which('systemd-analyze') === null;
describe.skipIf(noSystemd)(`systemd-analyze${noSystemd ? ': not installed' : ''}`, () => {
  /** The units, with a program that exists on this machine. */
  function directory(): string {
    const copy = mkdtempSync(join(tmpdir(), 'codexd-units-'));
    cpSync(join(deploy, 'systemd'), copy, { recursive: true });
    writeFileSync(
      join(copy, 'codexd.service'),
      read('codexd.service').replace('/usr/local/bin/codexd', process.execPath),
    );
    return copy;
  }
  function analyze(cwd: string, ...args: string[]) {
    const { stdout, stderr, exitCode } = Bun.spawnSync(['systemd-analyze', ...args], {
      cwd,
      env: { PATH: process.env.PATH, SYSTEMD_UNIT_PATH: `${cwd}:` },
    });
    return { exitCode, output: stdout.toString() + stderr.toString() };
  }

  test('verify has nothing to say', () => {
    const result = analyze(directory(), 'verify', '--man=no', ...units.map((unit) => `./${unit}`));
    expect(result).toEqual({ exitCode: 0, output: '' });
  });

  test.each(['codexd.service', 'codexd-proxy.service'])('security: %s is exposed by 2.0 at most', (unit) => {
    const args = ['--offline=yes', '--threshold=20', '--no-pager', `./${unit}`];
    const { exitCode, output } = analyze(directory(), 'security', ...args);
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(output)!;
    expect({ exitCode, low: Number(exposure) <= 2 }).toEqual({ exitCode: 0, low: true });
  });
});

describe('what the units say about codexd is right', () => {
  test('credentials are settings that are secret', () => {
    const secrets = namedKeys.filter(({ key }) => key.secret).map(({ path }) => path);
    const loaded = [...read('codexd.service').matchAll(/^(?:Load|Set)Credential=([^:]+):/gm)];
    expect(loaded).toHaveLength(4);
    expect(loaded.map(([, name]) => name!).filter((name) => !secrets.includes(name))).toEqual([]);
  });

  test('variables exist', () => {
    const text = units.map(read).join('\n') + read('codexd.service.d/socket.conf');
    const names = [...text.matchAll(/\b(CODEXD_\w+)=/g)].map(([, name]) => [name!, '1']);
    expect(names.length).toBeGreaterThan(0);
    expect([...unknownVariables(Object.fromEntries(names))]).toEqual([]);
  });

  test('the socket keeps the usual port, the proxy leads to the one that codexd then has', () => {
    expect(read('codexd.socket')).toContain('ListenStream=127.0.0.1:8787\n');
    const [, moved] = /CODEXD_LISTEN=(\S+)/.exec(read('codexd.service.d/socket.conf'))!;
    expect(read('codexd-proxy.service')).toContain(` ${moved}\n`);
  });
});

const proxy = ['/usr/lib/systemd/systemd-socket-proxyd', '/lib/systemd/systemd-socket-proxyd'].find(
  existsSync,
);
const noProxy =
  proxy === undefined ? 'no systemd-socket-proxyd' : Bun.which('python3') ? undefined : 'no python3';

/**
 * Binds a port, prints it, and replaces itself with the program, which gets the socket as descriptor 3, as with
 * systemd's socket activation.
 */
const activate = `
import os, socket, sys
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
if listener.fileno() != 3: os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')
os.execv(sys.argv[1], sys.argv[1:])
`;

describe.skipIf(noProxy !== undefined)(`socket activation${noProxy ? `: ${noProxy}` : ''}`, () => {
  test('a stream passes through the proxy of a socket that existed before', async () => {
    await using daemon = await startDaemon({ args: ['--demo'] });
    const child = Bun.spawn(['python3', '-c', activate, proxy!, new URL(daemon.url).host], {
      stdout: 'pipe',
    });
    let port = '';
    const reading = (async () => {
      for await (const bytes of child.stdout) port += new TextDecoder().decode(bytes);
    })();
    await until(() => port.endsWith('\n'));
    const response = await fetch(`http://127.0.0.1:${port.trim()}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: 'Hi.' }] }),
    });
    expect(await response.text()).toEndWith('data: [DONE]\n\n');
    child.kill();
    await Promise.all([child.exited, reading]);
  });
});

test.skipIf(process.platform !== 'linux' || Bun.which('python3') === null)(
  'Bun.serve still ignores an inherited socket, or the proxy is not needed any more',
  async () => {
    const program = `const server = Bun.serve({ fd: 3, port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
      console.log(server.port); await server.stop(true);`;
    const child = Bun.spawn(['python3', '-c', activate, process.execPath, '-e', program], { stdout: 'pipe' });
    const [inherited, served] = (await new Response(child.stdout).text()).trim().split('\n');
    expect(Number(served)).toBeGreaterThan(0);
    expect(served).not.toBe(inherited);
  },
);

test.skipIf(Bun.which('python3') === null)('the launch agent is a valid property list', () => {
  const python = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
  const { stdout, exitCode } = Bun.spawnSync(['python3', '-c', python, join(deploy, 'launchd/codexd.plist')]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout.toString())).toMatchObject({
    Label: 'codexd',
    ProgramArguments: ['/bin/sh', '-c', 'exec codexd serve >>"$HOME/Library/Logs/codexd.log" 2>&1'],
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    Umask: 0o077,
  });
});
