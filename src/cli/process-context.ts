// The process context of a real command line: this process, its terminal and its files.
import { homeDirectory, readSettingsFile } from '../app/machine.ts';
import { processEnv } from '../config/env.ts';
import type { Failure } from '../failure.ts';
import { KnownSecrets } from '../log/redact.ts';
import type { ProcessContext } from './command.ts';
import { processTerminal } from './terminal.ts';

/** A ProcessContext with what only the entry point uses. */
export interface RealProcessContext extends ProcessContext {
  /** For a command that a signal stopped: 128 and the number of the signal, as in a shell. Otherwise the failure's own. */
  exitCodeOf(failure: Failure): number;
}

export function createProcessContext(): RealProcessContext {
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
    ...interrupts(),
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

const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type StopSignal = keyof typeof signalExitCodes;

/** Ctrl-C exits with status 130, immediately unless the command has installed a listener to stop in order. */
function interrupts(): Pick<RealProcessContext, 'onInterrupt' | 'exitCodeOf'> {
  let onFirst: (() => void) | undefined;
  let received: StopSignal = 'SIGINT';
  const interrupt = (signal: StopSignal) => {
    received = signal;
    const listener = onFirst;
    if (listener === undefined) process.exit(signalExitCodes[signal]);
    onFirst = undefined;
    listener();
  };
  const listen = (signal: StopSignal) => process.on(signal, () => interrupt(signal));
  listen('SIGINT');
  return {
    onInterrupt: (listener, also = []) => {
      onFirst = listener;
      for (const signal of also) listen(signal);
    },
    exitCodeOf: ({ kind, exitCode }) => (kind === 'cancelled' ? signalExitCodes[received] : exitCode),
  };
}
