// The signals that stop the daemon. The first lets running answers finish, the second aborts them with an in-band error,
// the third exits immediately. The default action would leave the speech servers that codexd started running.
import type { Invocation } from './command.ts';

export interface StopSignals {
  /** Resolves with the name of the first signal. */
  first: Promise<'SIGTERM' | 'SIGINT'>;
  /** Aborted by the second signal. */
  second: AbortSignal;
  /** 130 after a second Ctrl-C, otherwise 0. */
  exitCode(): number;
}

export function watchStopSignals({ onInterrupt }: Pick<Invocation, 'onInterrupt'>): StopSignals {
  const { promise: first, resolve } = Promise.withResolvers<'SIGTERM' | 'SIGINT'>();
  const second = new AbortController();
  let count = 0;
  let exitCode = 0;
  const receive = (signal: 'SIGTERM' | 'SIGINT') => {
    count++;
    if (count === 1) resolve(signal);
    if (count === 2) {
      if (signal === 'SIGINT') exitCode = 130;
      second.abort();
    }
    if (count > 2) process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGTERM', () => receive('SIGTERM'));
  const interrupt = () => {
    onInterrupt(interrupt);
    receive('SIGINT');
  };
  onInterrupt(interrupt);
  return { first, second: second.signal, exitCode: () => exitCode };
}
