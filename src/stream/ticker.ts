// One timer for all open streams. Silence is counted in ticks, so that an event costs an assignment, not a timer.

export interface Ticker {
  /** Calls `onTick` once per tick until the returned function is called. */
  add(onTick: () => void): () => void;
  readonly tickMs: number;
}

/** Runs only while somebody listens, so that it never keeps a process alive. */
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
