import { LetterlockError } from "@letterlock/core";
import type { KeyStore } from "./key-store.ts";
import { createOutage } from "./outage.ts";
import type { ReadPolicy } from "./policy.ts";
import { isOfStore, isProviderAway } from "./translated-store.ts";
import type { WarmKey, WarmKeys } from "./warm-keys.ts";

/** `run` asks the provider. While it is away, `before` is given grace, once the store confirms that it was not destroyed. Undefined: it left memory meanwhile. */
export type Renewed = <T>(
  kind: "opening" | "creating",
  before: WarmKey | undefined,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
) => Promise<T | WarmKey | undefined>;

/** `answers` tells how often each KEK answered. */
export function createRenewals(warm: WarmKeys, store: KeyStore, policy: ReadPolicy, answers: () => readonly number[]): Renewed {
  // Opening needs one KEK that is there, and creating needs all of them: one can go on while the other cannot.
  const outages = {
    opening: createOutage(policy, answers, (hasAnswered) => hasAnswered.some(Boolean)),
    creating: createOutage(policy, answers, (hasAnswered) => hasAnswered.every(Boolean)),
  };
  const total = (): number => answers().reduce((sum, count) => sum + count, 0);
  return async (kind, before, signal, run) => {
    const outage = outages[kind];
    const graceUntil = before === undefined ? undefined : outage.graceUntil(before.openedAt);
    let failure: unknown;
    if (graceUntil === undefined || outage.takeTurn()) {
      const answersBefore = total();
      try {
        const result = await timeLimited(policy.renewalMs, signal, run);
        // Under an intermediate KEK in memory, a data key is opened without the provider.
        if (total() !== answersBefore) outage.ended();
        return result;
      } catch (error) {
        if (!isProviderAway(error)) {
          if (LetterlockError.is(error) && !isOfStore(error)) {
            outage.ended();
            if (before !== undefined) before.graceUntil = -Infinity;
          }
          throw error;
        }
        outage.began();
        failure = error;
      }
    }
    const until = before === undefined ? undefined : outage.graceUntil(before.openedAt);
    if (before === undefined || until === undefined) throw outage.explain(failure, before !== undefined);
    if ((await store.get(before.keyId, { signal })) === undefined) {
      warm.drop(before.keyId);
      throw destroyedKey();
    }
    if (before.left) return undefined;
    before.graceUntil = until;
    return before;
  };
}

export function destroyedKey(): LetterlockError {
  return new LetterlockError("unknown-key", "the key store has no such key: it was destroyed, or belongs to another store");
}

async function timeLimited<T>(ms: number, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(ms);
  try {
    return await run(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new LetterlockError("unavailable", `the provider did not answer within ${ms} ms: retry later`, { cause: error });
  }
}
