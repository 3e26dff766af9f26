/** Runs `task` on every item, a few at a time, so that a real service is not flooded. Rejects with the first failure, after the running ones ended. */
export async function inParallel<T>(items: readonly T[], task: (item: T, index: number) => Promise<void>, width = 16): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await task(item, index);
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  for (const result of ended) if (result.status === "rejected") throw result.reason;
}
