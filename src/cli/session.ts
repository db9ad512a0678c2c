// What most commands begin with: the settings, a log on stderr, and where things lie.
import { type Loaded, type LoadOptions, load } from '../config/load.ts';
import { createLog, type Log, type LogLevel } from '../log.ts';
import type { Invocation } from './command.ts';
import type { Terminal } from './terminal.ts';

export interface Session extends Omit<Loaded, 'notices'> {
  log: Log;
  terminal: Terminal;
}

/**
 * Loads the settings; what the user should know about them goes to the log. Where nobody set a level, only `usualLevel`
 * is logged: what a daemon tells of its work would stand in front of a command's own error.
 */
export async function openSession(call: Invocation, usualLevel: LogLevel = 'warn'): Promise<Session> {
  const { notices, ...loaded } = load(loadOptions(call));
  const { format } = loaded.config.log;
  const level = loaded.sources['log.level']?.layer === 'default' ? usualLevel : loaded.config.log.level;
  const log = createLog({ level, format, write: (line) => call.terminal.stderr.write(line) });
  for (const notice of notices) log.warn(notice);
  return { ...loaded, log, terminal: call.terminal };
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
