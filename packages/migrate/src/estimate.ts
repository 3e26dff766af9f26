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

/** What the store holds, in numbers that calls follow from. */
export interface Amounts {
  /** Objects to move, by the key that unwraps them. */
  readonly moves: ReadonlyMap<KekIdentity, number>;
  /** Objects with a header that somebody in `from` or `to` opens. */
  readonly openable: number;
  /** Of these, those with recipients that `finish` takes away after a run that kept them. */
  readonly withOld: number;
}

/** A move is an unwrap by an old key, and a wrap and an unwrap by each key of the target. */
export function callsOfRun({ moves }: Amounts, to: readonly KekIdentity[]): Calls[] {
  const all = [...moves.values()].reduce((sum, count) => sum + count, 0);
  return [
    ...[...moves].map(([{ provider, keyRef }, unwrap]) => ({ provider, keyRef, unwrap, wrap: 0 })),
    ...to.map(({ provider, keyRef }) => ({ provider, keyRef, unwrap: all, wrap: all })),
  ];
}

/** Every key of the target opens every object. */
export function callsOfVerify({ openable }: Amounts, to: readonly KekIdentity[]): Calls[] {
  return to.map(({ provider, keyRef }) => ({ provider, keyRef, unwrap: openable, wrap: 0 }));
}

/** It verifies everything, and what it changes is opened by the first key of the target before and by each of them after. */
export function callsOfFinish({ openable, withOld }: Amounts, to: readonly KekIdentity[]): Calls[] {
  return to.map(({ provider, keyRef }, i) => ({ provider, keyRef, unwrap: openable + withOld * (i === 0 ? 2 : 1), wrap: 0 }));
}

export function estimate(calls: readonly Calls[], rates: readonly Rate[]): Estimate {
  const priced = rates.map((rate) => {
    const made = calls.filter((call) => call.provider === rate.provider && (rate.keyRef ?? call.keyRef) === call.keyRef);
    const count = made.reduce((sum, call) => sum + call.unwrap + call.wrap, 0);
    return { seconds: rate.perSecond && count / rate.perSecond, cost: rate.per10000 && (count * rate.per10000) / 10_000 };
  });
  const seconds = priced.flatMap((one) => one.seconds ?? []);
  const costs = priced.flatMap((one) => one.cost ?? []);
  return {
    calls,
    seconds: seconds.length === 0 ? undefined : Math.max(...seconds),
    cost: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
  };
}
