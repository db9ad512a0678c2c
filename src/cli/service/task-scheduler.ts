// codexd as a scheduled task of Windows, made from deploy/windows/codexd.xml.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import task from '../../../deploy/windows/codexd.xml' with { type: 'text' };
import { notInstalled, type ServiceContext, type ServicePlan, xmlText } from './plan.ts';

export function taskPlan(context: ServiceContext): ServicePlan {
  const { name, program, serveArgs, stateDir, userName } = context;
  const [path = '', ...first] = program;
  const log = `${stateDir}\\codexd.log`;
  const args = [...first, 'serve', ...serveArgs, '--log-file', log].map(quote).join(' ');
  const file = join(tmpdir(), `${name}-task.xml`);
  const text = task
    .replaceAll('USER', () => xmlText(userName))
    .replace('PROGRAM', () => xmlText(path))
    .replace('<Arguments>serve<', () => `<Arguments>${xmlText(args)}<`);
  const schtasks = (...more: string[]) => ['schtasks', ...more];
  // Unlike those of schtasks, its states are not translated.
  const query = `(Get-ScheduledTask -TaskName '${name}' -ErrorAction Stop).State`;
  return {
    name,
    manager: 'the task scheduler',
    file: {
      path: file,
      text: `<?xml version="1.0" encoding="UTF-16"?>\n${text}`,
      encoding: 'utf16le',
      isTemporary: true,
    },
    problem: undefined,
    install: [
      { argv: schtasks('/end', '/tn', name), mayFail: true },
      { argv: schtasks('/create', '/tn', name, '/xml', file, '/f') },
      { argv: schtasks('/run', '/tn', name) },
    ],
    uninstall: [
      { argv: schtasks('/end', '/tn', name), mayFail: true },
      { argv: schtasks('/delete', '/tn', name, '/f') },
    ],
    afterRemoval: [],
    state: {
      argv: ['powershell', '-NoProfile', '-NonInteractive', '-Command', query],
      read: ({ exitCode, out }) => {
        const detail = out.trim();
        if (exitCode !== 0 || detail === '') return notInstalled;
        return {
          isInstalled: true,
          isRunning: detail === 'Running',
          detail: detail.toLowerCase(),
          startsAutomatically: detail !== 'Disabled',
          pid: undefined,
        };
      },
    },
    logs: ({ lines, follow }) => [
      ...['powershell', '-NoProfile', '-NonInteractive', '-Command'],
      `Get-Content -LiteralPath '${log.replaceAll("'", "''")}' -Tail ${lines}${follow ? ' -Wait' : ''}`,
    ],
    notes: [`A console window stays open while it runs. Its log is ${log}.`],
    adviceFor: (error) => (/denied/i.test(error) ? 'Run it in an administrator terminal.' : undefined),
  };
}

/** As programs for Windows parse their command line. */
function quote(word: string): string {
  return /^[\w.:\\/=@,+-]+$/.test(word)
    ? word
    : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(?<!\\)\\+$/, '$&$&')}"`;
}
