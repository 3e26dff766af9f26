import type { Kek } from "@letterlock/core";
import { createTokenBucket, type RateLimiter, rateLimited } from "@letterlock/resilience";
import { usage } from "../failure.ts";
import type { Configuration } from "../keks/configuration.ts";
import { type KekUri, parseKekUri } from "../keks/kek-uri.ts";
import { nameOf } from "./store-keks.ts";

/** What a provider allows and asks for one KEK, as the configuration states it. */
export interface StatedRate {
  /** KEKs of one quota are counted together. */
  readonly quota: string;
  readonly perSecond: number;
  /** Calls at once after a pause. */
  readonly burst: number;
  /** Price of 10,000 calls. */
  readonly per10000?: number | undefined;
}

export interface Quotas {
  /** The KEK, waiting before each call until its quota has room; the KEK itself where none is stated. */
  limited(kek: Kek, uri: KekUri): Kek;
  /** Of a KEK that was given to `limited`. */
  rateOf(kek: Pick<Kek, "provider" | "keyRef">): StatedRate | undefined;
}

/** `limiter` makes what counts a quota: one for all KEKs of it. In memory by default, which is this process alone. */
export function createQuotas(configuration: Configuration, limiter: (rate: StatedRate) => RateLimiter = inMemory): Quotas {
  const rates = statedRates(configuration);
  const limiters = new Map<string, RateLimiter>();
  const limiterOf = (rate: StatedRate): RateLimiter => {
    const found = limiters.get(rate.quota) ?? limiter(rate);
    limiters.set(rate.quota, found);
    return found;
  };
  const ofKeks = new Map<string, StatedRate>();
  return {
    rateOf: ({ provider, keyRef }) => ofKeks.get(`${provider} ${keyRef}`),
    limited(kek, uri) {
      const rate = rates.get(nameOf(uri));
      if (rate !== undefined) ofKeks.set(`${kek.provider} ${kek.keyRef}`, rate);
      return rate === undefined ? kek : rateLimited(kek, { limiter: limiterOf(rate), quota: rate.quota });
    },
  };
}

function inMemory({ perSecond, burst }: StatedRate): RateLimiter {
  return createTokenBucket({ perSecond, burst });
}

function statedRates({ rates, keks, folder, path }: Configuration): ReadonlyMap<string, StatedRate> {
  const stated = new Map<string, StatedRate>();
  const byQuota = new Map<string, StatedRate>();
  for (const [word, { perSecond, burst, per10000, quota = word }] of Object.entries(rates)) {
    const uri = keks[word] ?? word;
    const rate = { quota, perSecond, per10000, burst: burst ?? Math.max(1, perSecond) };
    const other = byQuota.get(quota);
    if (other !== undefined && (other.perSecond !== rate.perSecond || other.burst !== rate.burst))
      throw usage(`${path}: rates states the quota ${quota} twice, and not as the same perSecond and burst`);
    byQuota.set(quota, rate);
    stated.set(nameOf(parseKekUri(uri, folder)), rate);
  }
  return stated;
}
