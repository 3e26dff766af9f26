import type { KekIdentity } from "@letterlock/core";

/** What a provider allows and asks, as its owner states it: we know neither a quota nor a price. */
export interface Rate {
  readonly provider: string;
  /** One key alone; without it, every key of the provider together. */
  readonly keyRef?: string | undefined;
  /** Calls per second. */
  readonly perSecond?: number | undefined;
  /** Price of 10,000 calls, in whatever currency. */
  readonly per10000?: number | undefined;
}

export interface Calls {
  readonly provider: string;
  readonly keyRef: string;
  readonly unwrap: number;
  readonly wrap: number;
}

export interface Estimate {
  readonly calls: readonly Calls[];
  /** The longest of all keys at the rates that were stated; undefined where none was. Latency can make it longer. */
  readonly seconds: number | undefined;
  /** Of the calls whose price was stated; undefined where none was. */
  readonly cost: number | undefined;
}

/** Of one move each: unwrapped by an old key, wrapped and unwrapped by each key of the target. */
export function estimate(moves: ReadonlyMap<KekIdentity, number>, to: readonly KekIdentity[], rates: readonly Rate[]): Estimate {
  const all = [...moves.values()].reduce((sum, count) => sum + count, 0);
  const calls = [
    ...[...moves].map(([{ provider, keyRef }, unwrap]) => ({ provider, keyRef, unwrap, wrap: 0 })),
    ...to.map(({ provider, keyRef }) => ({ provider, keyRef, unwrap: all, wrap: all })),
  ];
  const priced = rates.map((rate) => {
    const made = calls.filter((call) => call.provider === rate.provider && (rate.keyRef ?? call.keyRef) === call.keyRef);
    const count = made.reduce((sum, call) => sum + call.unwrap + call.wrap, 0);
    return { seconds: rate.perSecond && count / rate.perSecond, cost: rate.per10000 && (count / 10_000) * rate.per10000 };
  });
  const seconds = priced.flatMap((one) => one.seconds ?? []);
  const costs = priced.flatMap((one) => one.cost ?? []);
  return {
    calls,
    seconds: seconds.length === 0 ? undefined : Math.max(...seconds),
    cost: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
  };
}
