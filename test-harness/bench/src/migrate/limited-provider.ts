import { setTimeout as wait } from "node:timers/promises";
import { aroundKek, type Kek } from "@letterlock/core";

/** What a provider does with a call beyond its quota. */
export class Throttled extends Error {}

export interface Provider {
  /** The same key behind this provider: its calls take as long, and count towards one quota. */
  behind(kek: Kek): Kek;
  /** When each call came, in milliseconds, and whether it was answered. */
  readonly requests: readonly { readonly at: number; readonly isServed: boolean }[];
}

export interface ProviderOptions {
  readonly latencyMs: number;
  /** Calls beyond it are refused, as soon as the bucket of `burst` is empty; undefined: none. */
  readonly quota?: { readonly perSecond: number; readonly burst: number } | undefined;
}

/** A provider at a distance, in this process: an answer takes its time and no processor, so that what limits a run is the run or the quota. */
export function limitedProvider({ latencyMs, quota }: ProviderOptions): Provider {
  const requests: { readonly at: number; readonly isServed: boolean }[] = [];
  let tokens = quota?.burst ?? 0;
  let filledAt = performance.now();
  const isServed = (now: number): boolean => {
    if (quota === undefined) return true;
    tokens = Math.min(quota.burst, tokens + ((now - filledAt) * quota.perSecond) / 1000);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  return {
    requests,
    behind: (kek) =>
      aroundKek(
        kek,
        async (_operation, _call, run) => {
          const at = performance.now();
          const served = isServed(at);
          requests.push({ at, isServed: served });
          await wait(latencyMs);
          if (!served) throw new Throttled("beyond the quota");
          return await run();
        },
        (error) => (error instanceof Throttled ? "throttled" : undefined),
      ),
  };
}
