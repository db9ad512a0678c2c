// The process context of a real command line: this process, its terminal and its files.
import { homeDirectory, readSettingsFile } from '../app/machine.ts';
import { processEnv } from '../config/env.ts';
import { KnownSecrets } from '../log/redact.ts';
import type { ProcessContext } from './command.ts';
import { processTerminal } from './terminal.ts';

export function createProcessContext(): ProcessContext {
  restrictUmask();
  const env = processEnv();
  return {
    terminal: processTerminal(env),
    env,
    platform: process.platform,
    // Looked up on first use: `--help` works without a home directory.
    get homedir() {
      return homeDirectory();
    },
    secrets: new KnownSecrets(),
    readFile: readSettingsFile,
    onInterrupt: interrupts(),
    atExit: (act) => {
      process.on('exit', act);
      return () => process.off('exit', act);
    },
  };
}

/** Containers and init scripts may leave umask 000; codexd and its children must not create world-writable files. */
function restrictUmask(): void {
  const umask = process.umask();
  if ((umask & 0o002) === 0) process.umask(umask | 0o022);
}

/** Ctrl-C exits with status 130, immediately unless the command has installed a listener to stop in order. */
function interrupts(): ProcessContext['onInterrupt'] {
  const exit = () => process.exit(130);
  let current = exit;
  const interrupt = () => {
    const listener = current;
    current = exit;
    listener();
  };
  process.on('SIGINT', interrupt);
  return (listener, also = []) => {
    current = listener as () => never;
    for (const signal of also) process.on(signal, interrupt);
  };
}
