// What most commands start with: the settings, a log on stderr, and the paths.

import { configuredSecrets, type Setup } from '../app/setup.ts';
import { type Env, ignoredVariablesName } from '../config/env.ts';
import { type Loaded, type LoadOptions, load } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { LogLevel } from '../log/line.ts';
import { createLog, type Log } from '../log.ts';
import type { Invocation } from './command.ts';
import { unsafeVariables } from './restart.ts';
import type { Terminal } from './terminal.ts';
import { lineWidth, paragraph } from './wrap.ts';

export interface Session extends Omit<Loaded, 'notices'>, Omit<Setup, 'sources'> {
  terminal: Terminal;
}

/**
 * Loads the settings and logs its warnings. Unless the user set a level, only `usualLevel` is logged, so that info
 * lines do not precede a command's own error. `openLogFile`: for the daemon, which may log to a file.
 */
export async function openSession(
  call: Invocation,
  usualLevel: LogLevel = 'warn',
  openLogFile: (settings: Config['log']) => ((line: string) => void) | undefined = () => undefined,
): Promise<Session> {
  const { notices, ...loaded } = load(loadOptions(call));
  const { format } = loaded.config.log;
  const level = loaded.sources['log.level']?.layer === 'default' ? usualLevel : loaded.config.log.level;
  const { secrets } = call;
  const { stderr } = call.terminal;
  secrets.add(...configuredSecrets(loaded.config, call.env));
  const writeToFile = openLogFile(loaded.config.log);
  const writeToStderr = (line: string) =>
    stderr.write(format === 'pretty' ? paragraph(line.trimEnd(), lineWidth(stderr), '  ') : line);
  const log = createLog({
    level,
    format,
    write: writeToFile ?? writeToStderr,
    redact: secrets.redact,
    // A daemon's log is read later, so it needs timestamps; a command takes only a moment.
    showTime: usualLevel === 'info',
    showDate: writeToFile !== undefined,
    color: format === 'pretty' && stderr.color && writeToFile === undefined,
  });
  for (const notice of notices) log.warn(notice);
  warnOfIgnoredVariables(call.env, log);
  const { terminal, homedir, env } = call;
  const readKeys = () => load(loadOptions(call)).config.server.keys;
  return { ...loaded, log, terminal, secrets, homedir, env, readKeys, atExit: (act) => call.atExit(act) };
}

function warnOfIgnoredVariables(env: Env, log: Log): void {
  for (const name of env[ignoredVariablesName]?.split(',') ?? []) {
    const why = unsafeVariables.get(name);
    if (why !== undefined) log.warn(`${name} is ignored: ${why}`);
  }
}

export function loadOptions(call: Invocation): LoadOptions {
  const { env, flags, platform, homedir, profile, configFile } = call;
  return {
    env,
    flags,
    platform,
    homedir,
    readFile: (path) => call.readFile(path),
    ...(profile === undefined ? {} : { profile }),
    ...(configFile === undefined ? {} : { configFile }),
  };
}
