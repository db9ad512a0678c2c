// The signals that stop the daemon. The first one lets running answers finish, the second one ends them in-band now, and
// the third one does not wait for anything. None has the default action, which would leave started servers behind.
import type { Invocation } from './command.ts';

export interface StopSignals {
  /** Resolves with the first one's name. */
  first: Promise<'SIGTERM' | 'SIGINT'>;
  /** Aborts with the second. */
  second: AbortSignal;
  /** The exit status for whoever counts as having insisted: Ctrl-C twice is 130. */
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
