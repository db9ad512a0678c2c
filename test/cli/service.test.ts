// `codexd service` with stand-ins for the programs of service managers, which record how they are called.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchdPlan } from '../../src/cli/service/launchd.ts';
import type { ServiceContext } from '../../src/cli/service/plan.ts';
import { systemdPlan } from '../../src/cli/service/systemd.ts';
import { taskPlan } from '../../src/cli/service/task-scheduler.ts';
import { codexd, type FakeOptions } from './fake.ts';
import { emptyHome, runCodexd } from './process.ts';

const context: ServiceContext = {
  program: ['/usr/local/bin/codexd'],
  serveArgs: [],
  name: 'codexd',
  homedir: '/home/me',
  configDir: '/home/me/.config',
  stateDir: 'C:\\Users\\me\\codexd\\default',
  userId: 1000,
  userName: 'PC\\me',
};
/** A path with everything that a shell, systemd or XML treats specially. */
const oddDirectory = () => join(emptyHome(), 'a b & <50%> $HOME "quoted" \'it\'');

/** A home directory, and programs that record their arguments. `replies`: shell code per program. */
function machine(replies: Record<string, string>) {
  const home = emptyHome();
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const calls = join(home, 'calls');
  writeFileSync(calls, '');
  for (const [name, code] of Object.entries(replies))
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\n{ printf '%s' "${name}"; for each; do printf ' %s' "$each"; done; echo; } >>'${calls}'\n${code}\n`,
      { mode: 0o755 },
    );
  return {
    home,
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: home },
    calls: () => readFileSync(calls, 'utf8').trimEnd().split('\n').filter(Boolean),
  };
}

const shownState = (state: string) => `case "$*" in *show*) printf '${state}';; esac`;
const running = shownState(
  'LoadState=loaded\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\nMainPID=42\\n',
);
const absent = shownState('LoadState=not-found\\nActiveState=inactive\\nSubState=dead\\nMainPID=0\\n');
const properties = '--property=LoadState,ActiveState,SubState,UnitFileState,MainPID';

describe('systemd, for one user', () => {
  test('install writes the unit, and starts it now and at login', async () => {
    const { home, env, calls } = machine({ systemctl: running });
    const { err, exitCode } = await runCodexd(['service', 'install'], { home, env });
    expect({ err, exitCode }).toEqual({
      err: 'codexd runs as a service of systemd (user), and starts automatically.\nIt stops when you log out; `loginctl enable-linger` keeps it running.\n',
      exitCode: 0,
    });
    expect(calls()).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable codexd.service',
      'systemctl --user restart codexd.service',
    ]);
    const unit = readFileSync(join(home, '.config/systemd/user/codexd.service'), 'utf8');
    expect(unit).toMatch(/^ExecStart=\/.* serve$/m);
  });

  test('a profile and a configuration file are a service of their own', async () => {
    const { home, env, calls } = machine({ systemctl: running });
    writeFileSync(join(home, 'other.toml'), '');
    const args = ['--profile', 'work', '--config', 'other.toml'];
    await runCodexd(['service', 'install', ...args], { home, env, cwd: home });
    const unit = readFileSync(join(home, '.config/systemd/user/codexd-work.service'), 'utf8');
    expect(unit).toMatch(new RegExp(`^ExecStart=.* serve --profile work --config ${home}/other.toml$`, 'm'));
    expect(calls().at(-1)).toBe('systemctl --user restart codexd-work.service');
  });

  test('settings that only this shell has are named, without their values', async () => {
    const { home, env } = machine({ systemctl: running });
    const { err } = await runCodexd(['service', 'install'], {
      home,
      env: { ...env, CODEXD_API_KEY: 'marked-secret-key' },
    });
    expect(err).toContain('The service does not have CODEXD_API_KEY, which is set in this shell only.');
    expect(err).not.toContain('marked-secret');
  });

  test('uninstall stops it and removes the unit; a second time changes nothing', async () => {
    const { home, env, calls } = machine({ systemctl: absent });
    const unit = join(home, '.config/systemd/user/codexd.service');
    await runCodexd(['service', 'install'], { home, env });
    expect((await runCodexd(['service', 'uninstall'], { home, env })).exitCode).toBe(0);
    expect(existsSync(unit)).toBe(false);
    expect(calls().slice(3)).toEqual([
      `systemctl --user show codexd.service ${properties}`,
      'systemctl --user disable --now codexd.service',
      'systemctl --user daemon-reload',
    ]);
    const again = await runCodexd(['service', 'uninstall'], { home, env });
    expect(again).toEqual({
      out: '',
      err: 'codexd is not installed as a service of systemd (user).\n',
      exitCode: 0,
    });
  });

  test('status: running is 0, anything else 1', async () => {
    const good = machine({ systemctl: running });
    expect(await runCodexd(['service', 'status'], good)).toEqual({
      out: 'Service  codexd, systemd (user)\nState    active (running)\nStarts   automatically\nProcess  42\n',
      err: '',
      exitCode: 0,
    });
    const { out, exitCode } = await runCodexd(
      ['service', 'status', '--json'],
      machine({ systemctl: absent }),
    );
    expect(JSON.parse(out)).toMatchObject({ installed: false, running: false, state: 'not installed' });
    expect(exitCode).toBe(1);
  });

  test('logs', async () => {
    const { home, env, calls } = machine({ journalctl: 'echo a line; exit 3' });
    const { out, exitCode } = await runCodexd(['service', 'logs', '-n', '5', '-f'], { home, env });
    expect({ out, exitCode }).toEqual({ out: 'a line\n', exitCode: 3 });
    expect(calls()).toEqual(['journalctl --user --unit codexd.service --lines 5 --no-pager --follow']);
    expect((await runCodexd(['service', 'logs', '-n', 'x'], { home, env })).exitCode).toBe(2);
  });

  test('print and dry run change nothing', async () => {
    const { home, env, calls } = machine({ systemctl: running });
    const printed = await runCodexd(['service', 'install', '--print'], { home, env });
    expect(printed.out).toStartWith('# codexd as a service of one user.');
    const dry = await runCodexd(['service', 'install', '--dry-run', '--json'], { home, env });
    const path = join(home, '.config/systemd/user/codexd.service');
    expect(JSON.parse(dry.out)).toMatchObject({ writes: [{ path, text: printed.out }], removes: [] });
    const removal = await runCodexd(['service', 'uninstall', '--dry-run'], { home, env });
    expect(removal.out).toContain(`Would remove ${path}\n`);
    expect(existsSync(path)).toBe(false);
    expect(calls()).toEqual([]);
  });

  test.each([
    ['echo "Failed to connect to bus: No medium found" >&2; exit 1', 'not with su or sudo'],
    ['case "$*" in *restart*) echo "Job failed." >&2; exit 1;; esac', '`codexd service logs`'],
  ])('an error of systemctl is reported, with what to do: %s', async (code, advice) => {
    const { home, env } = machine({ systemctl: code });
    const { err, exitCode } = await runCodexd(['service', 'install'], { home, env });
    expect(err).toMatch(/`systemctl --user \S+.*` failed: (Failed to connect|Job failed)/);
    expect(err).toContain(advice);
    expect(exitCode).toBe(1);
  });

  test('a machine without systemd', async () => {
    const home = emptyHome();
    const { err, exitCode } = await runCodexd(['service', 'status'], { home, env: { PATH: home } });
    expect(err).toContain('This machine has no systemctl');
    expect(exitCode).toBe(1);
  });
});

describe('systemd, for the machine', () => {
  test('a program in a home directory is refused: the service could not see it', () => {
    const { problem } = systemdPlan({ ...context, program: ['/home/me/bin/codexd'] }, 'system');
    expect(problem?.message).toContain('cannot see the program');
  });

  test('a program with quotes in its path is refused: systemd does not run it', () => {
    const { problem } = systemdPlan({ ...context, program: ["/opt/it's/codexd"] }, 'user');
    expect(problem?.message).toContain('quotes');
  });

  test('the unit is the one of deploy/systemd', () => {
    const { file } = systemdPlan(context, 'system');
    expect(file.path).toBe('/etc/systemd/system/codexd.service');
    expect(file.text).toBe(
      readFileSync(join(import.meta.dir, '../../deploy/systemd/codexd.service'), 'utf8'),
    );
  });

  test('only one profile', async () => {
    const { exitCode } = await runCodexd(['service', 'status', '--system', '--profile', 'work']);
    expect(exitCode).toBe(2);
  });
});

const noSystemd = Bun.which('systemd-analyze') === null;
test.skipIf(noSystemd)(
  `systemd accepts both units${noSystemd ? ': systemd-analyze is not installed' : ''}`,
  () => {
    for (const scope of ['user', 'system'] as const) {
      const directory =
        scope === 'user'
          ? join(emptyHome(), 'a b & <50%> $HOME')
          : join('/opt', `codexd-${crypto.randomUUID()}`);
      const program = scope === 'user' ? join(directory, 'codexd') : process.execPath;
      if (scope === 'user') {
        mkdirSync(directory);
        writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
      }
      const { file } = systemdPlan(
        { ...context, program: [program], serveArgs: ['--config', '/a b/$x %n "c".toml'] },
        scope,
      );
      const path = join(emptyHome(), 'codexd.service');
      writeFileSync(path, file.text);
      const { stdout, stderr, exitCode } = Bun.spawnSync(
        ['systemd-analyze', ...(scope === 'user' ? ['--user'] : []), 'verify', '--man=no', path],
        { env: { PATH: process.env.PATH, XDG_RUNTIME_DIR: emptyHome() } },
      );
      expect({ output: `${stdout}${stderr}`, exitCode }).toEqual({ output: '', exitCode: 0 });
    }
  },
);

/** Reads a file with Python: a property list as JSON, or XML as its texts. */
function python(code: string, path: string): unknown {
  const { stdout, stderr } = Bun.spawnSync(['python3', '-c', code, path]);
  if (stderr.length > 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString());
}
const noPython = Bun.which('python3') === null;

describe('launchd', () => {
  const options = (home: string, env: FakeOptions['env']): FakeOptions => ({
    platform: 'darwin',
    homedir: home,
    env,
  });

  test.skipIf(process.getuid?.() === 0)('install, status and uninstall', async () => {
    const { home, env, calls } = machine({ launchctl: 'printf "\\tstate = running\\n\\tpid = 7\\n"' });
    await codexd(['service', 'install'], options(home, env));
    const path = join(home, 'Library/LaunchAgents/codexd.plist');
    expect(existsSync(path)).toBe(true);
    expect((await codexd(['service', 'status'], options(home, env))).out).toContain('Process  7');
    await codexd(['service', 'uninstall'], options(home, env));
    expect(existsSync(path)).toBe(false);
    const service = `gui/${process.getuid?.()}/codexd`;
    expect(calls()).toEqual([
      `launchctl bootout ${service}`,
      `launchctl bootstrap gui/${process.getuid?.()} ${path}`,
      `launchctl print ${service}`,
      `launchctl print ${service}`,
      `launchctl bootout ${service}`,
    ]);
  });

  test('root has no agent', () => {
    expect(launchdPlan({ ...context, userId: 0 }).problem?.message).toContain('belongs to a user');
  });

  test('state and log', () => {
    const { state, logs } = launchdPlan({ ...context, name: 'codexd-work' });
    expect(state.argv).toEqual(['launchctl', 'print', 'gui/1000/codexd-work']);
    expect(state.read({ exitCode: 113, out: '' }).isInstalled).toBe(false);
    expect(state.read({ exitCode: 0, out: '{\n\tstate = running\n\tpid = 7\n}' })).toMatchObject({
      isRunning: true,
      pid: 7,
    });
    expect(logs({ lines: '9', follow: true })).toEqual([
      'tail',
      '-n',
      '9',
      '-F',
      '/home/me/Library/Logs/codexd-work.log',
    ]);
  });

  test.skipIf(noPython)('the agent is a valid property list, whatever the path', () => {
    const program = join(oddDirectory(), 'codexd');
    const { file, install } = launchdPlan({
      ...context,
      program: [program],
      serveArgs: ['--profile', 'work'],
      name: 'codexd-work',
    });
    expect(install.at(-1)!.argv).toEqual([
      'launchctl',
      'bootstrap',
      'gui/1000',
      '/home/me/Library/LaunchAgents/codexd-work.plist',
    ]);
    const path = join(emptyHome(), 'agent.plist');
    writeFileSync(path, file.text);
    const agent = python(
      'import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],"rb"))))',
      path,
    ) as {
      Label: string;
      ProgramArguments: string[];
    };
    expect(agent.Label).toBe('codexd-work');
    mkdirSync(join(program, '..'));
    writeFileSync(program, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    const home = emptyHome();
    mkdirSync(join(home, 'Library/Logs'), { recursive: true });
    Bun.spawnSync(agent.ProgramArguments, { env: { HOME: home } });
    expect(readFileSync(join(home, 'Library/Logs/codexd-work.log'), 'utf8')).toBe('serve --profile work\n');
  });
});

describe('the Windows task scheduler', () => {
  const task = taskPlan({
    ...context,
    program: ['C:\\Program Files\\a & b\\codexd.exe'],
    serveArgs: ['--profile', 'work'],
    name: 'codexd-work',
  });

  test('the commands', () => {
    const file = join(tmpdir(), 'codexd-work-task.xml');
    expect(task.install.map(({ argv }) => argv.join(' '))).toEqual([
      'schtasks /end /tn codexd-work',
      `schtasks /create /tn codexd-work /xml ${file} /f`,
      'schtasks /run /tn codexd-work',
    ]);
    expect(task.uninstall.map(({ argv }) => argv.join(' '))).toEqual([
      'schtasks /end /tn codexd-work',
      'schtasks /delete /tn codexd-work /f',
    ]);
    expect(task.state.read({ exitCode: 0, out: 'Running\r\n' }).isRunning).toBe(true);
    expect(task.state.read({ exitCode: 1, out: '' }).isInstalled).toBe(false);
    expect(task.logs({ lines: '5', follow: false }).at(-1)).toBe(
      "Get-Content -LiteralPath 'C:\\Users\\me\\codexd\\default\\codexd.log' -Tail 5",
    );
  });

  test('install creates the task from a file that is gone afterwards', async () => {
    const { home, env, calls } = machine({
      schtasks: 'case "$*" in *create*) cat "$5" >"$HOME/task.xml";; esac',
      powershell: 'echo Running',
    });
    const windows: FakeOptions = {
      platform: 'win32',
      homedir: 'C:\\Users\\me',
      env: { ...env, USERNAME: 'me', LOCALAPPDATA: 'C:\\Local', APPDATA: 'C:\\Roaming' },
    };
    expect(await codexd(['service', 'install'], windows)).toMatchObject({ exitCode: 0 });
    const created = join(tmpdir(), 'codexd-task.xml');
    expect(calls()).toEqual([
      'schtasks /end /tn codexd',
      `schtasks /create /tn codexd /xml ${created} /f`,
      'schtasks /run /tn codexd',
    ]);
    expect(existsSync(created)).toBe(false);
    expect([...readFileSync(join(home, 'task.xml')).subarray(0, 2)]).toEqual([0xff, 0xfe]);
    expect((await codexd(['service', 'status'], windows)).exitCode).toBe(0);
    expect((await codexd(['service', 'uninstall'], windows)).exitCode).toBe(0);
    expect(calls().slice(-2)).toEqual(['schtasks /end /tn codexd', 'schtasks /delete /tn codexd /f']);
  });

  test.skipIf(noPython)('the task is valid XML in UTF-16', () => {
    const path = join(emptyHome(), 'task.xml');
    writeFileSync(path, Buffer.from(`\ufeff${task.file.text}`, 'utf16le'));
    const code =
      'import json,sys,xml.etree.ElementTree as e; t=e.parse(sys.argv[1]); print(json.dumps({x.tag.split("}")[1]: x.text for x in t.iter()}))';
    expect(python(code, path)).toMatchObject({
      Command: 'C:\\Program Files\\a & b\\codexd.exe',
      Arguments: 'serve --profile work --log-file C:\\Users\\me\\codexd\\default\\codexd.log',
      UserId: 'PC\\me',
      ExecutionTimeLimit: 'PT0S',
    });
  });
});
