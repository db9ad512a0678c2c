// codexd as a launch agent of macOS, made from deploy/launchd/codexd.plist.
import agent from '../../../deploy/launchd/codexd.plist' with { type: 'text' };
import { Failure } from '../../failure.ts';
import { notInstalled, type ServiceContext, type ServicePlan, xmlText } from './plan.ts';

export function launchdPlan(context: ServiceContext): ServicePlan {
  const { name, program, serveArgs, homedir, userId } = context;
  const domain = `gui/${userId}`;
  const service = `${domain}/${name}`;
  const path = `${homedir}/Library/LaunchAgents/${name}.plist`;
  const log = `${homedir}/Library/Logs/${name}.log`;
  const command = [...program, 'serve', ...serveArgs].map(quote).join(' ');
  const text = agent
    .replace('<string>codexd</string>', () => `<string>${xmlText(name)}</string>`)
    .replace('exec codexd serve', () => `exec ${xmlText(command)}`)
    .replace('/Library/Logs/codexd.log', () => `/Library/Logs/${name}.log`);
  return {
    name,
    manager: 'launchd',
    file: { path, text },
    problem: userId === 0 ? rootProblem() : undefined,
    install: [
      { argv: ['launchctl', 'bootout', service], mayFail: true },
      { argv: ['launchctl', 'bootstrap', domain, path] },
    ],
    uninstall: [{ argv: ['launchctl', 'bootout', service], mayFail: true }],
    afterRemoval: [],
    state: {
      argv: ['launchctl', 'print', service],
      read: ({ exitCode, out }) => {
        if (exitCode !== 0) return notInstalled;
        const [, detail = 'unknown'] = /^[ \t]*state = (.+)$/m.exec(out) ?? [];
        const [, pid] = /^[ \t]*pid = (\d+)$/m.exec(out) ?? [];
        return {
          isInstalled: true,
          isRunning: detail === 'running',
          detail,
          startsAutomatically: true,
          pid: pid === undefined ? undefined : Number(pid),
        };
      },
    },
    logs: ({ lines, follow }) => ['tail', '-n', lines, ...(follow ? ['-F'] : []), log],
    notes: [`Its log is ${log}.`],
    adviceFor: (error) =>
      /Bootstrap failed|Could not find domain/.test(error)
        ? 'Run it in a desktop session, not over ssh.'
        : undefined,
  };
}

function quote(word: string): string {
  return /^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function rootProblem(): Failure {
  return new Failure('invalid_request', 'A launch agent belongs to a user, but codexd is running as root.', {
    code: 'service_not_possible',
    advice: 'Run it without sudo.',
  });
}
