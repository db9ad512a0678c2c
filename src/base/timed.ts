// Measures how long work takes.

/** The outcome of `work`, after `note` has been called with the ms until then, also if it rejects. */
export async function timed<T>(work: Promise<T>, note: (ms: number) => void): Promise<T> {
  const startMs = performance.now();
  try {
    return await work;
  } finally {
    note(performance.now() - startMs);
  }
}
