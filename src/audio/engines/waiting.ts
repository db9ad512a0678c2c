// Waiting that can be given up, and waiting in line.

/** The promise's value, or the signal's reason as soon as it is aborted. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

export type Turns = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** One at a time, in the order they came; who gives up waiting does not let the next one pass. */
export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return async (signal, work) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    try {
      await orAborted(before, signal);
      return await work();
    } finally {
      void before.then(resolve);
    }
  };
}
