// `codexd service`: runs the daemon as a service of systemd, launchd or the Windows task scheduler.

import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { bootstrapVariables } from '../config/env.ts';
import { type Loaded, load } from '../config/load.ts';
import { defaultProfile } from '../config/paths.ts';
import { Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { removeIfExists, replaceFile } from '../system/whole-file.ts';
import { usageFailure } from './arguments.ts';
import { type Arg, type CommandGroup, command, type Invocation } from './command.ts';
import { createMessages } from './messages.ts';
import { launchdPlan } from './service/launchd.ts';
import type { ServiceContext, ServiceFile, ServicePlan, ServiceState, Step } from './service/plan.ts';
import { capture, passTerminal, runSteps } from './service/programs.ts';
import { systemdPlan } from './service/systemd.ts';
import { taskPlan } from './service/task-scheduler.ts';
import { loadOptions } from './session.ts';
import { definitions, lineWidth } from './wrap.ts';

const system = {
  type: 'boolean',
  description: 'Linux: a service of the machine instead of your own; needs root.',
} as const satisfies Arg;

const install = command({
  args: {
    system,
    print: { type: 'boolean', description: "Print the service's file and change nothing." },
    'dry-run': { type: 'boolean', description: 'Print what would be written and run, and change nothing.' },
  },
  examples: ['codexd service install', 'sudo codexd service install --system'],
  run: async (call) => {
    const { plan, loaded } = planOf(call, call.args.system === true);
    const { file, install, notes } = plan;
    if (call.args.print) return void call.terminal.stdout.write(file.text);
    if (call.args['dry-run']) return void call.terminal.stdout.write(preview([file], install, call.json));
    writeServiceFile(file);
    try {
      await runSteps(install, plan, call.env);
    } finally {
      if (file.isTemporary) removeIfExists(file.path);
    }
    const { success, info, warn } = createMessages(call.terminal.stderr);
    success(`codexd runs as a service of ${plan.manager}, and starts automatically.`);
    for (const note of notes) info(note);
    for (const lost of shellOnlySettings(loaded))
      warn(`The service does not have ${lost}, which is set in this shell only. Put it into config.toml.`);
    if (call.json) call.terminal.stdout.write(`${JSON.stringify({ name: plan.name, file: file.path })}\n`);
  },
});

const uninstall = command({
  args: {
    system,
    'dry-run': { type: 'boolean', description: 'Print what would be run and removed, and change nothing.' },
  },
  examples: ['codexd service uninstall'],
  run: async (call) => {
    const { plan } = planOf(call, call.args.system === true);
    const steps = [...plan.uninstall, ...plan.afterRemoval];
    if (call.args['dry-run'])
      return void call.terminal.stdout.write(preview([], steps, call.json, plan.file));
    const messages = createMessages(call.terminal.stderr);
    if (!(await stateOf(plan, call)).isInstalled && !fileExists(plan.file, call)) {
      messages.info(`codexd is not installed as a service of ${plan.manager}.`);
      return;
    }
    await runSteps(plan.uninstall, plan, call.env);
    if (!plan.file.isTemporary) removeServiceFile(plan.file);
    await runSteps(plan.afterRemoval, plan, call.env);
    messages.success('The service is stopped and removed. Settings and login are kept.');
  },
});

const status = command({
  args: { system },
  examples: ['codexd service status'],
  run: async (call) => {
    const { plan } = planOf(call, call.args.system === true);
    const state = await stateOf(plan, call);
    const { stdout } = call.terminal;
    stdout.write(call.json ? stateJson(plan, state) : stateText(plan, state, lineWidth(stdout)));
    return state.isRunning ? 0 : 1;
  },
});

const logs = command({
  args: {
    system,
    lines: { type: 'string', alias: 'n', default: '100', valueHint: 'N', description: 'Number of lines.' },
    follow: { type: 'boolean', alias: 'f', description: 'Continue with new lines until Ctrl-C.' },
  },
  examples: ['codexd service logs -f'],
  run: async (call) => {
    const { lines, follow } = call.args;
    if (!/^\d{1,6}$/.test(lines)) throw usageFailure('`--lines` must be a whole number.', 'Try --lines 100.');
    const { plan } = planOf(call, call.args.system === true);
    return passTerminal(plan.logs({ lines, follow: follow === true }), call.env);
  },
});

function planOf(call: Invocation, isSystem: boolean): { plan: ServicePlan; loaded: Loaded } {
  const { platform, homedir } = call;
  const loaded = load(loadOptions(call));
  const { profile, paths } = loaded;
  const hasOwnConfig = (call.configFile ?? call.env[bootstrapVariables.config] ?? '') !== '';
  const isDefault = profile === defaultProfile;
  const context: ServiceContext = {
    program: Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, Bun.main],
    serveArgs: [
      ...(isDefault ? [] : ['--profile', profile]),
      ...(hasOwnConfig ? ['--config', resolve(paths.configFile)] : []),
    ],
    name: isDefault ? 'codexd' : `codexd-${profile}`,
    homedir,
    configDir: call.env.XDG_CONFIG_HOME?.startsWith('/') ? call.env.XDG_CONFIG_HOME : `${homedir}/.config`,
    stateDir: paths.stateDir,
    userId: process.getuid?.(),
    userName: call.env.USERNAME ?? userInfo().username,
  };
  if (isSystem && platform !== 'linux')
    throw usageFailure('`--system` works only on Linux.', 'Leave it out.');
  if (isSystem && !isDefault) {
    throw usageFailure('A system service has one profile.', 'Leave out `--system` or `--profile`.');
  }
  if (platform === 'darwin') return { plan: launchdPlan(context), loaded };
  if (platform === 'win32') return { plan: taskPlan(context), loaded };
  return { plan: systemdPlan(context, isSystem ? 'system' : 'user'), loaded };
}

async function stateOf({ state }: ServicePlan, { env }: Invocation): Promise<ServiceState> {
  return state.read(await capture(state.argv, env));
}

function fileExists({ path, isTemporary }: ServiceFile, { readFile }: Invocation): boolean {
  return !isTemporary && readFile(path) !== undefined;
}

/** Settings that the service would not have, because they come from variables. */
function shellOnlySettings({ sources }: Loaded): string[] {
  return Object.values(sources).flatMap(({ layer, at }) => (layer === 'env' ? [at] : []));
}

function writeServiceFile({ path, text, encoding }: ServiceFile): void {
  changingFile(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const content = encoding === undefined ? text : Buffer.from(`\ufeff${text}`, encoding);
    replaceFile(path, content, { mode: 0o644 });
  });
}

function removeServiceFile({ path }: ServiceFile): void {
  changingFile(path, () => removeIfExists(path));
}

function changingFile(path: string, change: () => unknown): void {
  try {
    change();
  } catch (cause) {
    const advice = path.startsWith('/etc/') ? 'Run it with sudo.' : adviceOf(cause, path);
    throw new Failure('forbidden', `Cannot change ${path}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice,
      cause,
    });
  }
}

function preview(
  files: readonly ServiceFile[],
  steps: readonly Step[],
  json: boolean,
  removed?: ServiceFile,
): string {
  const commands = steps.map(({ argv }) => argv);
  const removes = removed === undefined || removed.isTemporary ? [] : [removed.path];
  if (json) {
    return `${JSON.stringify({ writes: files.map(({ path, text }) => ({ path, text })), removes, runs: commands })}\n`;
  }
  return [
    ...files.map(({ path, text }) => `Would write ${path}:\n\n${text}\n`),
    ...removes.map((path) => `Would remove ${path}\n`),
    ...commands.map((argv) => `Would run ${argv.join(' ')}\n`),
  ].join('');
}

function stateText({ name, manager }: ServicePlan, state: ServiceState, width: number): string {
  const { isInstalled, detail, startsAutomatically, pid } = state;
  return definitions(
    [
      ['Service', `${name}, ${manager}`],
      ['State', isInstalled ? detail : 'not installed; `codexd service install` installs it'],
      ...(startsAutomatically === undefined
        ? []
        : ([['Starts', startsAutomatically ? 'automatically' : 'only by hand']] as const)),
      ...(pid === undefined ? [] : ([['Process', String(pid)]] as const)),
    ],
    width,
  );
}

function stateJson({ name, manager }: ServicePlan, state: ServiceState): string {
  return `${JSON.stringify({
    service: name,
    manager,
    installed: state.isInstalled,
    running: state.isRunning,
    state: state.detail,
    starts_automatically: state.startsAutomatically ?? null,
    pid: state.pid ?? null,
  })}\n`;
}

export default {
  commands: {
    install: { summary: 'Install the daemon as a service and start it.', load: async () => install },
    uninstall: { summary: 'Stop and remove the service.', load: async () => uninstall },
    status: { summary: 'Show whether the service is installed and running.', load: async () => status },
    logs: { summary: 'Print the log of the service.', load: async () => logs },
  },
  examples: ['codexd service install', 'codexd service status', 'codexd service logs -f'],
} satisfies CommandGroup;
