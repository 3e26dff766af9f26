/** Results in the order of the items. One that fails does not fail the others. */
export type Commit<T, R> = (items: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>;

export interface GroupOptions {
  /** Waits until nothing more has come for this long. Without it, a group is what came while the one before was committed. */
  readonly idleMs?: number | undefined;
  /** A group does not wait any longer than this many times what the last commit took, and at least two seconds. */
  readonly patience?: number | undefined;
}

/** Many callers, one commit at a time for all who wait: what costs a sync or a file costs it once for a group. */
export function groupCommit<T, R>(commit: Commit<T, R>, { idleMs, patience = 20 }: GroupOptions = {}): (item: T) => Promise<R> {
  type Waiting = { readonly item: T; readonly settled: PromiseWithResolvers<R> };
  let waiting: Waiting[] = [];
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;
  let lastTook = 0;

  const flush = async (): Promise<void> => {
    timer = undefined;
    if (isRunning) return;
    isRunning = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const began = performance.now();
      const results = await commit(group.map(({ item }) => item)).catch((reason: unknown) =>
        group.map(() => ({ status: "rejected" as const, reason })),
      );
      lastTook = performance.now() - began;
      for (const [i, { settled }] of group.entries()) {
        const result = results[i];
        if (result?.status === "fulfilled") settled.resolve(result.value);
        else settled.reject(result?.reason ?? new Error("the commit gave no result"));
      }
      if (idleMs !== undefined) break;
    }
    isRunning = false;
    if (waiting.length > 0) schedule();
  };
  const schedule = (): void => {
    if (idleMs === undefined) {
      void flush();
      return;
    }
    clearTimeout(timer);
    const latest = firstAt + Math.max(2_000, patience * lastTook);
    timer = setTimeout(() => void flush(), Math.max(0, Math.min(idleMs, latest - performance.now())));
  };
  return (item) => {
    const settled = Promise.withResolvers<R>();
    if (waiting.length === 0) firstAt = performance.now();
    waiting.push({ item, settled });
    if (!isRunning) schedule();
    return settled.promise;
  };
}
