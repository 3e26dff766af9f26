import { aroundKek, type KekUnwrapper, type KekWrapper, kekErrorCode } from "@letterlock/core";
import { checkMs, checkNames } from "./checked.ts";

export interface PreferringOptions {
  /** How long a KEK that was throttled or unavailable stands behind the others, in milliseconds; 30,000 by default. An answer ends it at once. */
  readonly forgetAfterMs?: number | undefined;
}

/**
 * A function that gives the KEKs in the order of their recent health: yours, except that those that were throttled or unavailable stand last, the one that failed
 * longest ago first. Every call gives the same objects, which observe their own calls; use them in the place of yours. Opening only: sealing calls every
 * KEK whatever their order. A cache keeps an entry for each order in which it sees the list.
 */
export function preferring<K extends KekWrapper | KekUnwrapper>(keks: readonly K[], options: PreferringOptions = {}): () => readonly K[] {
  checkNames(options, ["forgetAfterMs"]);
  const { forgetAfterMs = 30_000 } = options;
  checkMs("forgetAfterMs", forgetAfterMs);
  const observed = keks.map(observe);
  return () => {
    const since = performance.now() - forgetAfterMs;
    const failed = observed.filter(({ failedAt }) => failedAt() > since).sort((a, b) => a.failedAt() - b.failedAt());
    return [...observed.filter((kek) => !failed.includes(kek)), ...failed].map(({ kek }) => kek);
  };
}

interface Observed<K> {
  readonly kek: K;
  /** -Infinity: not since its last answer. */
  readonly failedAt: () => number;
}

function observe<K extends KekWrapper | KekUnwrapper>(kek: K): Observed<K> {
  let failedAt = -Infinity;
  const watched = aroundKek(kek, async (_operation, call, run) => {
    call.signal.throwIfAborted();
    try {
      const result = await run();
      failedAt = -Infinity;
      return result;
    } catch (error) {
      if (!call.signal.aborted) {
        const code = kekErrorCode(kek, error);
        failedAt = code === "throttled" || code === "unavailable" ? performance.now() : -Infinity;
      }
      throw error;
    }
  });
  return { kek: watched, failedAt: () => failedAt };
}
