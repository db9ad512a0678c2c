// codexd as a systemd service, of the machine or of one user. Both are made from deploy/systemd/codexd.service.
import unit from '../../../deploy/systemd/codexd.service' with { type: 'text' };
import { Failure } from '../../failure.ts';
import { notInstalled, type ServiceContext, type ServicePlan, type ServiceState } from './plan.ts';

const packagedCommand = '/usr/local/bin/codexd serve';

export function systemdPlan(context: ServiceContext, scope: 'user' | 'system'): ServicePlan {
  const { name, program, serveArgs, configDir } = context;
  const service = `${name}.service`;
  const systemctl = (...args: string[]) => ['systemctl', ...(scope === 'user' ? ['--user'] : []), ...args];
  const command = execStart([...program, 'serve', ...serveArgs]);
  const text = (scope === 'user' ? userUnit(unit) : unit).replace(packagedCommand, () => command);
  const directory = scope === 'user' ? `${configDir}/systemd/user` : '/etc/systemd/system';
  return {
    name,
    manager: scope === 'user' ? 'systemd (user)' : 'systemd',
    file: { path: `${directory}/${service}`, text },
    problem: programProblem(program[0] ?? '', scope),
    install: [
      { argv: systemctl('daemon-reload') },
      { argv: systemctl('enable', service) },
      { argv: systemctl('restart', service) },
    ],
    uninstall: [{ argv: systemctl('disable', '--now', service), mayFail: true }],
    afterRemoval: [{ argv: systemctl('daemon-reload') }],
    state: { argv: systemctl('show', service, `--property=${properties.join(',')}`), read: readState },
    logs: ({ lines, follow }) => [
      'journalctl',
      ...(scope === 'user' ? ['--user'] : []),
      ...['--unit', service, '--lines', lines, '--no-pager', ...(follow ? ['--follow'] : [])],
    ],
    notes:
      scope === 'user'
        ? ['It stops when you log out; `loginctl enable-linger` keeps it running.']
        : [
            'It runs as its own user, with the settings in /etc/codexd/config.toml and the login in /etc/codexd/auth.json (`sudo systemctl restart codexd` after changing the login).',
          ],
    adviceFor: (error) => {
      if (/access denied|permission|authentication|privileg/i.test(error)) return 'Run it with sudo.';
      if (scope === 'user' && /bus|XDG_RUNTIME_DIR/i.test(error))
        return 'Run it in a login session of this user (not with su or sudo), or install with `--system`.';
      return undefined;
    },
  };
}

function programProblem(path: string, scope: 'user' | 'system'): Failure | undefined {
  // The system unit has `ProtectHome` and `PrivateTmp`.
  if (scope === 'system' && /^\/(?:home|root|run\/user|tmp|var\/tmp)\//.test(path)) {
    return new Failure('invalid_request', `A system service cannot see the program in ${path}.`, {
      code: 'service_not_possible',
      advice: 'Copy it to /usr/local/bin and run that, or install without `--system`.',
    });
  }
  if (!/["'\\]/.test(path)) return undefined;
  return new Failure('invalid_request', `systemd cannot run a program with quotes in its path: ${path}.`, {
    code: 'service_not_possible',
    advice: 'Copy it to /usr/local/bin and run that.',
  });
}

/** A command line: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines */
function execStart([program = '', ...args]: readonly string[]): string {
  // Variables are expanded in arguments only.
  return [program, ...args.map((argument) => argument.replaceAll('$', '$$$$'))].map(quote).join(' ');
}

function quote(word: string): string {
  const escaped = word.replaceAll('%', '%%').replace(/["\\]/g, '\\$&');
  return /^[\w./:=@,+%$-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** What a user's own manager can do without privileges. The rest of the unit is for a service without a home. */
const userKeys = new Set([
  ...['Description', 'Documentation', 'Type', 'ExecStart', 'ExecReload', 'Restart', 'RestartSec'],
  ...['RestartPreventExitStatus', 'SuccessExitStatus', 'WatchdogSec', 'TimeoutStartSec', 'TimeoutStopSec'],
  ...['KillMode', 'LimitNOFILE', 'UnsetEnvironment', 'NoNewPrivileges', 'UMask', 'WantedBy'],
]);

/** The lines of a system unit that work in a user's manager, with the comments above them. */
function userUnit(text: string): string {
  const blocks = text.replace('as a system service', 'as a service of one user').split('\n\n');
  const kept = blocks.map((block) => {
    const lines: string[] = [];
    let comments: string[] = [];
    for (const line of block.split('\n')) {
      if (line.startsWith('#')) {
        comments.push(line);
        continue;
      }
      const isKept = /^\[/.test(line) || userKeys.has(line.split('=')[0]!);
      if (isKept) lines.push(...comments, line);
      comments = [];
    }
    return lines.join('\n');
  });
  const unitText = kept.filter((block) => block !== '').join('\n\n');
  return `${unitText.replace('WantedBy=multi-user.target', 'WantedBy=default.target').trimEnd()}\n`;
}

const properties = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'MainPID'] as const;

function readState({ out }: { out: string }): ServiceState {
  const found = new Map(out.split('\n').map((line) => line.split('=', 2) as [string, string]));
  if (found.get('LoadState') !== 'loaded') return notInstalled;
  const pid = Number(found.get('MainPID'));
  return {
    isInstalled: true,
    isRunning: found.get('ActiveState') === 'active',
    detail: `${found.get('ActiveState')} (${found.get('SubState')})`,
    startsAutomatically: found.get('UnitFileState') === 'enabled',
    pid: pid > 0 ? pid : undefined,
  };
}
