// Waiting for what another process or the event loop will do.

/** Bounds a hang and nothing else, so it is far more than a busy machine needs; less than the limit of a test. */
const patienceMs = 30_000;

/** Resolves once `condition` is true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`Never true within ${patienceMs} ms: ${condition}`);
    await Bun.sleep(2);
  }
}
