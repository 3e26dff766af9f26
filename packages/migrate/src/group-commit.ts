/** Results in the order of the items. One that fails does not fail the others. */
export type Commit<T, R> = (items: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>;

export interface GroupOptions {
  /** Waits until nothing more has come for this long. Without it, a group is what came while the one before was committed. */
  readonly idleMs?: number | undefined;
  /** A group does not wait any longer than this many times what the last commit took, and at least two seconds. */
  readonly patience?: number | undefined;
  /** Items in a group; any number by default. */
  readonly most?: number | undefined;
  /** Commits at once, 1 by default: another one begins beside those that run as soon as its group is full. */
  readonly atOnce?: number | undefined;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly settled: PromiseWithResolvers<R>;
}

/** Many callers, one commit for all who wait: what costs a sync or a file costs it once for a group. */
export function groupCommit<T, R>(commit: Commit<T, R>, options: GroupOptions = {}): (item: T) => Promise<R> {
  const { idleMs, patience = 20, most = Number.POSITIVE_INFINITY, atOnce = 1 } = options;
  let waiting: Waiting<T, R>[] = [];
  let running = 0;
  let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  let firstAt = 0;
  let lastTook = 0;

  const next = (): void => {
    timer = undefined;
    while (waiting.length > 0 && (running === 0 || (running < atOnce && waiting.length >= most))) {
      const group = waiting.slice(0, most);
      waiting = waiting.slice(most);
      void committed(group);
    }
  };
  const committed = async (group: readonly Waiting<T, R>[]): Promise<void> => {
    running += 1;
    const began = performance.now();
    const results = await commit(group.map(({ item }) => item)).catch((reason: unknown) =>
      group.map(() => ({ status: "rejected" as const, reason })),
    );
    lastTook = performance.now() - began;
    running -= 1;
    for (const [i, { settled }] of group.entries()) {
      const result = results[i];
      if (result?.status === "fulfilled") settled.resolve(result.value);
      else settled.reject(result?.reason ?? new Error("the commit gave no result"));
    }
    if (waiting.length > 0) schedule();
  };
  const schedule = (): void => {
    if (idleMs === undefined) {
      // A full group need not wait for those that come in the same turn.
      if (waiting.length >= most) next();
      else if (running === 0) timer ??= setImmediate(next);
      return;
    }
    if (running > 0) return;
    clearTimeout(timer as NodeJS.Timeout | undefined);
    const latest = firstAt + Math.max(2_000, patience * lastTook);
    timer = setTimeout(next, Math.max(0, Math.min(idleMs, latest - performance.now())));
  };
  return (item) => {
    const settled = Promise.withResolvers<R>();
    if (waiting.length === 0) firstAt = performance.now();
    waiting.push({ item, settled });
    schedule();
    return settled.promise;
  };
}
