// `codexd service`: runs the daemon as a service of systemd, launchd or the Windows task scheduler.

import type { Loaded } from '../config/load.ts';
import { removeIfExists } from '../system/whole-file.ts';
import { usageFailure } from './arguments.ts';
import { type Arg, type CommandGroup, command, type Invocation } from './command.ts';
import { createMessages } from './messages.ts';
import { choosePlan } from './service/choose-plan.ts';
import { removeServiceFile, writeServiceFile } from './service/files.ts';
import type { ServiceFile, ServicePlan, ServiceState } from './service/plan.ts';
import { capture, passTerminal, runSteps } from './service/programs.ts';
import { preview, stateJson, stateText } from './service/text.ts';
import { lineWidth } from './wrap.ts';

const system = {
  type: 'boolean',
  description: 'Linux: use a system service instead of a user service; requires root.',
} as const satisfies Arg;

const install = command({
  args: {
    system,
    print: { type: 'boolean', description: "Print the service's file and change nothing." },
    'dry-run': { type: 'boolean', description: 'Print what would be written and run, and change nothing.' },
  },
  examples: ['codexd service install', 'sudo codexd service install --system'],
  run: async (call) => {
    const { plan, loaded } = choosePlan(call, call.args.system === true);
    const { file, install, notes, problem } = plan;
    if (problem !== undefined) throw problem;
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
    const { plan } = choosePlan(call, call.args.system === true);
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
    const { plan } = choosePlan(call, call.args.system === true);
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
    const { plan } = choosePlan(call, call.args.system === true);
    return passTerminal(plan.logs({ lines, follow: follow === true }), call.env);
  },
});

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

export default {
  commands: {
    install: { summary: 'Install the daemon as a service and start it.', load: async () => install },
    uninstall: { summary: 'Stop and remove the service.', load: async () => uninstall },
    status: { summary: 'Show whether the service is installed and running.', load: async () => status },
    logs: { summary: 'Print the log of the service.', load: async () => logs },
  },
  examples: ['codexd service install', 'codexd service status', 'codexd service logs -f'],
} satisfies CommandGroup;
