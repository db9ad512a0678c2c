// Waiting for something that goes on without us.

/**
 * The promise's value, or the signal's reason as soon as it is aborted. The work itself is not stopped: what is asked for once
 * for many goes on when one of them leaves.
 */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
