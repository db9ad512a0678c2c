// Waits for what another process or the event loop will do.

/** Only bounds a hang, so it is far longer than a busy machine needs, but shorter than a test's timeout. */
const patienceMs = 30_000;

/** Resolves once `condition` is true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`Never true within ${patienceMs} ms: ${condition}`);
    await Bun.sleep(2);
  }
}
