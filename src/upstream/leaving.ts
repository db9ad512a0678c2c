// What a caller's signal means while something is waited for.
import { Failure } from '../failure.ts';

/** Why the caller aborted: its own reason when it is one of ours. */
export function leaving(signal: AbortSignal): Failure {
  return signal.reason instanceof Failure ? signal.reason : new Failure('cancelled', 'The client went away.');
}

/** What is asked for once for many is not stopped when one of them leaves; only that one stops waiting. */
export function orLeave<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
