// The service manager of this machine, and how it would run this program with these settings.
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { bootstrapVariables } from '../../config/env.ts';
import { type Loaded, load } from '../../config/load.ts';
import { defaultProfile } from '../../config/paths.ts';
import { usageFailure } from '../arguments.ts';
import type { Invocation } from '../command.ts';
import { loadOptions } from '../session.ts';
import { launchdPlan } from './launchd.ts';
import type { ServiceContext, ServicePlan } from './plan.ts';
import { systemdPlan } from './systemd.ts';
import { taskPlan } from './task-scheduler.ts';

export function choosePlan(call: Invocation, isSystem: boolean): { plan: ServicePlan; loaded: Loaded } {
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
    throw usageFailure('A system service cannot have a profile.', 'Leave out `--system` or `--profile`.');
  }
  if (platform === 'darwin') return { plan: launchdPlan(context), loaded };
  if (platform === 'win32') return { plan: taskPlan(context), loaded };
  return { plan: systemdPlan(context, isSystem ? 'system' : 'user'), loaded };
}
