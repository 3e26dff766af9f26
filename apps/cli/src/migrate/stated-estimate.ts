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

/** Keys of one quota wait for each other, so their calls count together. `made` may name a key several times: those of several stores do. */
export function statedEstimate(
  made: readonly Calls[],
  rateOf: (key: Pick<Kek, "provider" | "keyRef">) => StatedRate | undefined,
): StatedEstimate {
  const calls = perKey(made);
  const perQuota = new Map<string, number>();
  let cost: number | undefined;
  for (const one of calls) {
    const rate = rateOf(one);
    const count = one.wrap + one.unwrap;
    if (rate !== undefined) perQuota.set(rate.quota, (perQuota.get(rate.quota) ?? 0) + count / rate.perSecond);
    if (rate?.per10000 !== undefined) cost = (cost ?? 0) + (count / 10_000) * rate.per10000;
  }
  return { calls, seconds: perQuota.size === 0 ? undefined : Math.max(...perQuota.values()), cost };
}

function perKey(made: readonly Calls[]): readonly Calls[] {
  const keys = Map.groupBy(made, ({ provider, keyRef }) => JSON.stringify([provider, keyRef]));
  const sum = (of: readonly Calls[], operation: "wrap" | "unwrap"): number => of.reduce((total, one) => total + one[operation], 0);
  return [...keys.values()].flatMap((of) => of.slice(0, 1).map((one) => ({ ...one, wrap: sum(of, "wrap"), unwrap: sum(of, "unwrap") })));
}
