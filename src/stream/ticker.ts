// One timer for all open streams. Idle time is counted in ticks, so an event costs an assignment instead of a timer.

export interface Ticker {
  /** Calls `onTick` once per tick until the returned function is called. */
  add(onTick: () => void): () => void;
  readonly tickMs: number;
}

/** Runs only while it has listeners, so it does not keep the process alive. */
export function createTicker(tickMs = 1000): Ticker {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    tickMs,
    add(onTick) {
      listeners.add(onTick);
      timer ??= setInterval(() => {
        for (const listener of listeners) listener();
      }, tickMs);
      return () => {
        listeners.delete(onTick);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
