// Runs a client in codexd's place: with its terminal, its signals and, at the end, its exit status.
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { Subprocess } from 'bun';
import { Failure } from '../../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../../system/errno.ts';
import { isStopped } from '../../system/process-identity.ts';
import type { Invocation } from '../command.ts';

/** When a shell resumes codexd and its client, one of them may be resumed a moment later. */
const settleMs = 20;

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
  const unfollow = followStops(child);
  const exitCode = await child.exited;
  unfollow();
  const signal = child.signalCode as NodeJS.Signals | null;
  return signal === null ? exitCode : 128 + constants.signals[signal];
}

/**
 * Stops codexd while the client is stopped, because the shell that started codexd waits for codexd alone. Claude Code stops
 * itself on Ctrl-Z, and only itself. Returns a function that ends this.
 */
function followStops(child: Subprocess): () => void {
  let timer: Timer | undefined;
  const check = () => {
    if (isStopped(child.pid)) {
      process.kill(process.pid, 'SIGSTOP');
      child.kill('SIGCONT');
    }
    // Asking for the state may start a program, whose end is another SIGCHLD.
    timer = setTimeout(() => {
      timer = undefined;
    }, settleMs);
  };
  const follow = () => {
    if (timer === undefined) timer = setTimeout(check, settleMs);
  };
  if (!('SIGCHLD' in constants.signals)) return () => {};
  process.on('SIGCHLD', follow);
  follow(); // It may have stopped already.
  return () => process.off('SIGCHLD', follow);
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
