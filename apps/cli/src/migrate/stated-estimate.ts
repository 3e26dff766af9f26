import type { Kek } from "@letterlock/core";
import type { Calls } from "@letterlock/migrate";
import type { StatedRate } from "./quotas.ts";

/** What a run would cost at the rates and prices of the configuration. */
export interface StatedEstimate {
  readonly calls: readonly Calls[];
  /** Of the quota that takes longest; undefined where no rate is stated. Latency can make it longer. */
  readonly seconds: number | undefined;
  /** Undefined where no price is stated. */
  readonly cost: number | undefined;
}

/** Keys of one quota wait for each other, so their calls count together. */
export function statedEstimate(
  calls: readonly Calls[],
  rateOf: (key: Pick<Kek, "provider" | "keyRef">) => StatedRate | undefined,
): StatedEstimate {
  const perQuota = new Map<string, number>();
  let cost: number | undefined;
  for (const made of calls) {
    const rate = rateOf(made);
    const count = made.wrap + made.unwrap;
    if (rate !== undefined) perQuota.set(rate.quota, (perQuota.get(rate.quota) ?? 0) + count / rate.perSecond);
    if (rate?.per10000 !== undefined) cost = (cost ?? 0) + (count / 10_000) * rate.per10000;
  }
  return { calls, seconds: perQuota.size === 0 ? undefined : Math.max(...perQuota.values()), cost };
}
