import { aroundKek, type KekUnwrapper, type KekWrapper } from "@letterlock/core";
import { TaskCancelledError, TimeoutStrategy, timeout } from "cockatiel";
import { checkMs, checkNames } from "./checked.ts";
import { zeroLateKey } from "./late-key.ts";

export interface TimeLimitOptions {
  /** How long one call may take, in milliseconds. */
  readonly perAttemptMs: number;
}

/**
 * Ends every call that takes longer than `perAttemptMs`, with the code "unavailable": its signal is aborted, and it is left behind even if it ignores that.
 * A data key that arrives too late is zeroed. Inside `retrying` the limit is for each attempt, around it for all.
 */
export function timed<K extends KekWrapper | KekUnwrapper>(kek: K, options: TimeLimitOptions): K {
  checkNames(options, ["perAttemptMs"]);
  checkMs("perAttemptMs", options.perAttemptMs);
  const policy = timeout(options.perAttemptMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  return aroundKek(
    kek,
    async (_operation, call, run) => {
      call.signal.throwIfAborted();
      let running: Promise<unknown> | undefined;
      try {
        return await policy.execute(({ signal }) => {
          const result = run({ signal });
          running = result;
          return result;
        }, call.signal);
      } catch (error) {
        running?.then(zeroLateKey, () => undefined);
        if (call.signal.aborted) throw call.signal.reason;
        throw error;
      }
    },
    (error) => (error instanceof TaskCancelledError ? "unavailable" : undefined),
  );
}
