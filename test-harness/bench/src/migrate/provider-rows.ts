import { run } from "@letterlock/migrate";
import { rateLimited } from "@letterlock/resilience";
import type { Outcome } from "../row.ts";
import { discardingStore } from "./discarding-store.ts";
import { limitedProvider, type Provider } from "./limited-provider.ts";
import { localKeks, sealedValue } from "./local-keks.ts";

const latencyMs = 20;
const perSecond = 1_000;
const burst = 100;
/** Two calls for each: a wrap, and the unwrap that verifies it. */
const objects = 6_000;
/** Left out: the beginning, where the bucket is full and the pace is being found, and the end, where fewer and fewer objects are left. */
const [beginningMs, endMs] = [2_000, 500];

/** How much of the quota of the new key's provider, 20 ms away and 1,000 calls a second, a run with its defaults uses. The provider's log of requests tells. */
export async function providerRows(): Promise<Outcome[]> {
  const patient = limitedProvider({ latencyMs });
  const strict = limitedProvider({ latencyMs, quota: { perSecond, burst } });
  return [await row("rateLimited keeps it", patient, { perSecond, burst }), await row("the provider throttles", strict, undefined)];
}

async function row(
  who: string,
  provider: Provider,
  limit: { readonly perSecond: number; readonly burst: number } | undefined,
): Promise<Outcome> {
  const keks = localKeks();
  const distant = provider.behind(keks.target);
  const target = limit === undefined ? distant : rateLimited(distant, limit);
  const store = discardingStore(objects, await sealedValue(keks));
  const books = await run({ store, from: [keks.old], to: [target] });
  if (!books.ok) throw new Error(`the run ended with ${JSON.stringify(books.classes)}`);
  const steady = between(provider.requests, beginningMs, endMs);
  const served = steady.calls.filter(({ isServed }) => isServed).length;
  return {
    what: `Share of a quota of ${perSecond.toLocaleString("en")} calls/s that a run uses, latency ${latencyMs} ms; ${who}`,
    ours: `${((served * 1000) / steady.ms).toFixed(0)} calls/s`,
    peer: `${steady.calls.length - served} of ${steady.calls.length} refused`,
    result: served / ((steady.ms * perSecond) / 1000),
    unit: "x",
    bound: "at least",
    target: 0.95,
  };
}

function between(
  requests: Provider["requests"],
  fromStart: number,
  toEnd: number,
): { readonly calls: Provider["requests"]; readonly ms: number } {
  const from = (requests[0]?.at ?? 0) + fromStart;
  const to = (requests.at(-1)?.at ?? 0) - toEnd;
  return { calls: requests.filter(({ at }) => at >= from && at < to), ms: to - from };
}
