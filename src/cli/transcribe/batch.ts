// Runs work concurrently and reports the results in order.

/** Runs `work` for every item, at most `jobs` concurrently. `report` gets the results in the order of the items. */
export async function inOrder<Item, Result extends object>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, index: number) => Promise<Result>,
  report: (result: Result) => void,
): Promise<void> {
  const results = new Map<number, Result>();
  let started = 0;
  let reported = 0;
  const worker = async () => {
    while (started < items.length) {
      const index = started++;
      results.set(index, await work(items[index]!, index));
      for (let result = results.get(reported); result !== undefined; result = results.get(reported)) {
        results.delete(reported++);
        report(result);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}
