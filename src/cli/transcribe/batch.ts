// Many files, some at once, told in the order they were given.

/** Runs `work` for every item, at most `jobs` at once; `tell` gets each result once all before it have been told. */
export async function inOrder<Item, Result extends object>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, index: number) => Promise<Result>,
  tell: (result: Result) => void,
): Promise<void> {
  const results = new Map<number, Result>();
  let started = 0;
  let told = 0;
  const worker = async () => {
    while (started < items.length) {
      const index = started++;
      results.set(index, await work(items[index]!, index));
      for (let result = results.get(told); result !== undefined; result = results.get(told)) {
        results.delete(told++);
        tell(result);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}
