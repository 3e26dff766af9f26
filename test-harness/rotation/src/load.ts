/** Runs `work` for 0 to `times - 1`, `callers` at once. Rejects with the first failure. */
export async function load(times: number, callers: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
