// Runs a client in codexd's place: with its terminal, its signals and, at the end, its exit status.
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { Failure } from '../../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../../system/errno.ts';
import type { Invocation } from '../command.ts';

export interface ClientProcess {
  /** The program's path. */
  path: string;
  arguments: readonly string[];
  env: Record<string, string | undefined>;
}

/** A terminal sends these to every process in the foreground, so the client gets them anyway. */
const terminalSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
/** Besides SIGINT. Windows does not have all of them. */
const signalNames = (['SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const).filter(
  (name) => name in constants.signals,
);

/** Forwards signals to the client from now on. Before it runs, they end this process. */
export class SignalForwarder {
  #send: ((signal: NodeJS.Signals) => void) | undefined;

  constructor({ onInterrupt }: Pick<Invocation, 'onInterrupt'>) {
    const forward = (signal: NodeJS.Signals) => {
      if (this.#send === undefined) process.exit(128 + constants.signals[signal]);
      const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
      if (!hasTerminal || !terminalSignals.includes(signal)) this.#send(signal);
    };
    const interrupt = () => {
      onInterrupt(interrupt);
      forward('SIGINT');
    };
    onInterrupt(interrupt);
    for (const signal of signalNames) process.on(signal, () => forward(signal));
  }

  forwardTo(send: (signal: NodeJS.Signals) => void): void {
    this.#send = send;
  }
}

/** Resolves with the client's exit status; 128 plus the number of the signal that ended it, as in a shell. */
export async function runProcess(client: ClientProcess, signals: SignalForwarder): Promise<number> {
  const child = spawn(client);
  signals.forwardTo((signal) => child.kill(signal));
  const exitCode = await child.exited;
  const signal = child.signalCode as NodeJS.Signals | null;
  return signal === null ? exitCode : 128 + constants.signals[signal];
}

function spawn({ path, arguments: words, env }: ClientProcess) {
  try {
    return Bun.spawn([path, ...words], { env, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' });
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new Failure('invalid_request', `Cannot start ${path}: ${reasonOf(cause)}.`, {
      code: 'client_not_started',
      advice: adviceOf(cause, path),
      cause,
    });
  }
}
