import { type Context, createDataKey, type DataKey, type Kek, LetterlockError, openDataKey } from "@letterlock/core";
import { createFlights } from "./flights.ts";
import { headerIn, type Wrapping, wrappingOf } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import { createOutage } from "./outage.ts";
import type { ReadPolicy } from "./policy.ts";
import { slotOf } from "./slot.ts";
import { isProviderAway } from "./translated-store.ts";
import { createWarmKeys, type WarmKey, type WarmKeys, warmKey } from "./warm-keys.ts";

/** The keys of a ring: in memory, from the store, or new. */
export interface RingKeys {
  readonly warm: WarmKeys;
  readonly wrapping: Wrapping;
  /** The key that seals for a context, if it needs no waiting. */
  warmSealing(text: string): WarmKey | undefined;
  /** The key of a record, if it needs no waiting. */
  warmOpening(keyId: string, text: string): WarmKey | undefined;
  sealing(context: Context, text: string, signal: AbortSignal | undefined): Promise<WarmKey>;
  opening(keyId: string, context: Context, text: string, signal: AbortSignal | undefined): Promise<WarmKey>;
  /** From here on, what was fetched before is not believed any more. */
  distrust(): void;
}

/** How often a key that others destroy or replace while it is fetched is fetched again. */
const tries = 5;

/** `store` is one of `translatedStore`. */
export function createRingKeys(keks: readonly Kek[], store: KeyStore, policy: ReadPolicy): RingKeys {
  const warm = createWarmKeys(policy.maxKeys);
  const wrapping = wrappingOf(keks, store, policy);
  const outage = createOutage(policy.maxAgeMs, policy.graceMs);
  const flights = createFlights(2 * policy.renewalMs);
  let era = 0;

  const isGood = (key: WarmKey): boolean => performance.now() <= Math.max(key.goodUntil, key.graceUntil);
  const isSpent = (key: WarmKey): boolean =>
    key.rotated || key.messages >= policy.newAfterMessages || key.bytes >= policy.newAfterBytes || isOld(key.createdAt);
  const isOld = (createdAt: number): boolean => Date.now() - createdAt >= policy.newAfterAgeMs;

  const warmed = (key: DataKey, stored: StoredKey, context: Context, text: string, openedAt: number): WarmKey => {
    outage.ended();
    return warmKey({ key, stored, context, text, openedAt, goodUntil: openedAt + policy.maxAgeMs });
  };

  const openStored = async (stored: StoredKey, context: Context, text: string, signal: AbortSignal): Promise<WarmKey> => {
    const openedAt = performance.now();
    const unwrappers = await wrapping.unwrappers(context, headerIn(stored.blob), signal);
    const key = await openDataKey(stored.blob, unwrappers, { context, keyId: stored.keyId, signal });
    return warmed(key, stored, context, text, openedAt);
  };

  /** Undefined where the slot turned out to be empty: the key before was destroyed meanwhile. */
  const create = async (
    slot: string,
    after: string | undefined,
    context: Context,
    text: string,
    signal: AbortSignal,
  ): Promise<WarmKey | undefined> => {
    const openedAt = performance.now();
    const { key, blob } = await createDataKey(await wrapping.wrappers(context, signal), { context, signal });
    const result = await store.create(slot, blob, after, { signal }).catch((error: unknown) => {
      key[Symbol.dispose]();
      throw error;
    });
    if (result.created) return warmed(key, result.key, context, text, openedAt);
    key[Symbol.dispose]();
    return result.key === undefined ? undefined : openStored(result.key, context, text, signal);
  };

  /** `run` asks the provider. While it is away, `before` is given grace, once the store confirms that it was not destroyed. */
  const renewed = async <T>(
    before: WarmKey | undefined,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | WarmKey> => {
    const graceUntil = before === undefined ? undefined : outage.graceUntil(before.openedAt);
    let failure: unknown;
    if (graceUntil === undefined || outage.takeTurn()) {
      try {
        return await timeLimited(policy.renewalMs, signal, run);
      } catch (error) {
        if (!isProviderAway(error)) throw error;
        outage.began();
        failure = error;
      }
    }
    const until = before === undefined ? undefined : outage.graceUntil(before.openedAt);
    if (before === undefined || until === undefined) throw outage.explain(failure);
    if ((await store.get(before.keyId, { signal })) === undefined) {
      warm.drop(before.keyId);
      throw destroyed();
    }
    before.graceUntil = until;
    return before;
  };

  /** False where something was destroyed since `began`: the key is not kept. */
  const isKept = (key: WarmKey, began: number, add: (key: WarmKey) => void): boolean => {
    if (warm.get(key.keyId) === key) return began === era;
    if (began === era) add(key);
    else key.key[Symbol.dispose]();
    return began === era;
  };

  const renewSealing = async (context: Context, text: string, signal: AbortSignal): Promise<WarmKey> => {
    const slot = slotOf("data", text);
    for (let attempt = 0; attempt < tries; attempt++) {
      const began = era;
      const stored = await store.current(slot, { signal });
      const before = warm.sealing(text);
      const same = stored?.keyId === before?.keyId ? before : undefined;
      if (same !== undefined && performance.now() <= same.goodUntil && !isSpent(same)) return same;
      const key = await renewed(before, signal, async (limit) => {
        if (stored === undefined) return create(slot, undefined, context, text, limit);
        if (isOld(stored.createdAt) || (same !== undefined && isSpent(same))) return create(slot, stored.keyId, context, text, limit);
        return openStored(stored, context, text, limit);
      });
      if (key !== undefined && isKept(key, began, warm.addSealing)) return key;
    }
    throw new LetterlockError("unavailable", "the key of this context was replaced each time that it was fetched: retry later");
  };

  const renewOpening = async (keyId: string, context: Context, text: string, signal: AbortSignal): Promise<WarmKey> => {
    const slot = slotOf("data", text);
    for (let attempt = 0; attempt < tries; attempt++) {
      const began = era;
      const stored = await store.get(keyId, { signal });
      if (stored === undefined) {
        warm.drop(keyId);
        throw destroyed();
      }
      if (stored.slot !== slot) throw new LetterlockError("context-mismatch", "the record belongs to a key of another context");
      const key = await renewed(warm.get(keyId), signal, (limit) => openStored(stored, context, text, limit));
      if (isKept(key, began, warm.add)) return key;
    }
    throw destroyed();
  };

  return {
    warm,
    wrapping,
    warmSealing(text) {
      const key = warm.sealing(text);
      return key !== undefined && isGood(key) && (!isSpent(key) || performance.now() <= key.graceUntil) ? key : undefined;
    },
    warmOpening(keyId, text) {
      const key = warm.get(keyId);
      return key !== undefined && isGood(key) && key.text === text ? key : undefined;
    },
    sealing: (context, text, signal) => flights.join(`seal ${text}`, signal, (limit) => renewSealing(context, text, limit)),
    opening: (keyId, context, text, signal) =>
      flights.join(`open ${keyId} ${text}`, signal, (limit) => renewOpening(keyId, context, text, limit)),
    distrust() {
      era += 1;
    },
  };
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

function destroyed(): LetterlockError {
  return new LetterlockError("unknown-key", "the key store has no such key: it was destroyed, or belongs to another store");
}
