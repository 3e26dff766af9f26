import { aroundKek, type KekUnwrapper, type KekWrapper } from "@letterlock/core";
import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { checkCount, checkNames } from "./checked.ts";
import { untilAbort } from "./until-abort.ts";

export interface BulkheadOptions {
  /** How many calls run at once. */
  readonly concurrency: number;
  /**
   * How many more may wait their turn; 1,000 by default. One above that fails at once with the code "throttled". A caller who leaves stops waiting at once,
   * and its place is free when its turn comes.
   */
  readonly queue?: number | undefined;
}

/**
 * No more than `concurrency` calls at once: one slow provider cannot take every socket and all memory. A call whose caller left keeps its place until it
 * ends, because the provider is still at work.
 */
export function bulkheaded<K extends KekWrapper | KekUnwrapper>(kek: K, options: BulkheadOptions): K {
  checkNames(options, ["concurrency", "queue"]);
  const { concurrency, queue = 1_000 } = options;
  checkCount("concurrency", concurrency, 1);
  checkCount("queue", queue, 0);
  const policy = bulkhead(concurrency, queue);
  return aroundKek(
    kek,
    (_operation, { signal }, run) => untilAbort(signal, () => policy.execute(() => run(), signal)),
    (error) => (error instanceof BulkheadRejectedError ? "throttled" : undefined),
  );
}
