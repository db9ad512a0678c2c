// Renders what `codexd service` found or would do, as text and as JSON. Pure functions.
import { definitions } from '../wrap.ts';
import type { ServiceFile, ServicePlan, ServiceState, Step } from './plan.ts';

export function preview(
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

export function stateText({ name, manager }: ServicePlan, state: ServiceState, width: number): string {
  const { isInstalled, detail, startsAutomatically, pid } = state;
  return definitions(
    [
      ['Service', `${name}, ${manager}`],
      ['State', isInstalled ? detail : 'not installed; `codexd service install` installs it'],
      ...(startsAutomatically === undefined
        ? []
        : ([['Starts', startsAutomatically ? 'automatically' : 'only manually']] as const)),
      ...(pid === undefined ? [] : ([['Process', String(pid)]] as const)),
    ],
    width,
  );
}

export function stateJson({ name, manager }: ServicePlan, state: ServiceState): string {
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
