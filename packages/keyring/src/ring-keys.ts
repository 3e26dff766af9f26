import { type Context, createDataKey, type Kek, LetterlockError, openDataKey } from "@letterlock/core";
import { createFlights } from "./flights.ts";
import { headerIn, type Wrapping, wrappingOf } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import { createOutage, type Outage } from "./outage.ts";
import type { ReadPolicy } from "./policy.ts";
import { includesPairs, slotOf } from "./slot.ts";
import { isProviderAway } from "./translated-store.ts";
import { createWarmKeys, type WarmKey, type WarmKeys, warmKey } from "./warm-keys.ts";

/** The keys of a ring: in memory, from the store, or new. */
export interface RingKeys {
  readonly warm: WarmKeys;
  readonly wrapping: Wrapping;
  /** The key that seals for a context, if it needs no waiting. */
  warmSealing(text: string): WarmKey | undefined;
  /** Whether a key that somebody waited for can still be used: others who waited for it too may have filled it up. */
  maySeal(key: WarmKey): boolean;
  /** The key of a record, if it needs no waiting. */
  warmOpening(keyId: string, text: string): WarmKey | undefined;
  /** The key that is likely that of the record: it was the last one of the context, and another record of it begins alike. */
  likelyOpening(record: Uint8Array, text: string): WarmKey | undefined;
  sealing(context: Context, text: string, signal: AbortSignal | undefined): Promise<WarmKey>;
  opening(keyId: string, context: Context, text: string, signal: AbortSignal | undefined): Promise<WarmKey>;
  /** What is being fetched for contexts with these pairs is not believed any more. */
  distrust(part: Context): void;
  /** Zeroes everything, and keeps nothing that is still being fetched: who waits for it gets a `TypeError`. */
  close(): void;
}

interface Fetch {
  readonly context: Context;
  isTrusted: boolean;
}

/** How often a key that others destroy or replace while it is fetched is fetched again. */
const tries = 5;

/** `store` is one of `translatedStore`; `answers` tells how often the provider answered. */
export function createRingKeys(keks: readonly Kek[], store: KeyStore, policy: ReadPolicy, answers: () => number): RingKeys {
  const warm = createWarmKeys(policy.maxKeys);
  const wrapping = wrappingOf(keks, store, policy);
  // Opening needs one KEK that is there, and creating needs all of them: one can go on while the other cannot.
  const outages = { opening: createOutage(policy.maxAgeMs, policy.graceMs), creating: createOutage(policy.maxAgeMs, policy.graceMs) };
  const flights = createFlights(2 * policy.renewalMs);
  const fetches = new Set<Fetch>();
  let isClosed = false;

  const isGood = (key: WarmKey): boolean => performance.now() <= Math.max(key.goodUntil, key.graceUntil);
  const isFull = (key: WarmKey): boolean => key.messages >= policy.newAfterMessages || key.bytes >= policy.newAfterBytes;
  const isSpent = (key: WarmKey): boolean => key.rotated || isFull(key) || isOld(key.createdAt);
  const isOld = (createdAt: number): boolean => policy.newAfterAgeMs !== Infinity && Date.now() - createdAt >= policy.newAfterAgeMs;

  const openStored = async (stored: StoredKey, context: Context, text: string, signal: AbortSignal): Promise<WarmKey> => {
    const openedAt = performance.now();
    const key = await wrapping.unwrapping(context, headerIn(stored), signal, (unwrappers) =>
      openDataKey(stored.blob, unwrappers, { context, keyId: stored.keyId, signal }),
    );
    return warmKey({ key, stored, context, text, openedAt, goodUntil: openedAt + policy.maxAgeMs });
  };

  /** Undefined where the slot turned out to be empty, or what wrapped the key is gone: something was destroyed meanwhile. */
  const create = async (
    slot: string,
    after: string | undefined,
    context: Context,
    text: string,
    signal: AbortSignal,
  ): Promise<WarmKey | undefined> => {
    const openedAt = performance.now();
    const { result, isStill } = await wrapping.wrapping(context, signal, (wrappers) => createDataKey(wrappers, { context, signal }));
    const { key, blob } = result;
    let created: WarmKey | undefined;
    try {
      const { created: isOurs, key: stored } = await store.create(slot, blob, after, { signal });
      if (!isOurs) return stored === undefined ? undefined : await openStored(stored, context, text, signal);
      // A key that nobody will open must not stand in the way of the next one. `destroyKeys` looks at what it may have missed after it took the intermediate KEK away.
      if (await isStill()) created = warmKey({ key, stored, context, text, openedAt, goodUntil: openedAt + policy.maxAgeMs });
      else await store.destroy(slot, { signal });
      return created;
    } finally {
      if (created === undefined) key[Symbol.dispose]();
    }
  };

  /** `run` asks the provider. While it is away, `before` is given grace, once the store confirms that it was not destroyed. */
  const renewed = async <T>(
    outage: Outage,
    before: WarmKey | undefined,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | WarmKey> => {
    const graceUntil = before === undefined ? undefined : outage.graceUntil(before.openedAt);
    let failure: unknown;
    if (graceUntil === undefined || outage.takeTurn()) {
      const answersBefore = answers();
      try {
        const result = await timeLimited(policy.renewalMs, signal, run);
        // Under an intermediate KEK in memory, a data key is opened without the provider.
        if (answers() !== answersBefore) outage.ended();
        return result;
      } catch (error) {
        if (!isProviderAway(error)) throw error;
        outage.began();
        failure = error;
      }
    }
    const until = before === undefined ? undefined : outage.graceUntil(before.openedAt);
    if (before === undefined || until === undefined) throw outage.explain(failure, before !== undefined);
    if ((await store.get(before.keyId, { signal })) === undefined) {
      warm.drop(before.keyId);
      throw destroyed();
    }
    before.graceUntil = until;
    return before;
  };

  const distrust = (part: Context): void => {
    for (const fetch of fetches) if (includesPairs(fetch.context, part)) fetch.isTrusted = false;
  };

  /** One attempt to get a key: undefined where it came to nothing, or was destroyed meanwhile, and then it is not kept. */
  const fetched = async (
    context: Context,
    add: (key: WarmKey) => void,
    run: () => Promise<WarmKey | undefined>,
  ): Promise<WarmKey | undefined> => {
    const fetch: Fetch = { context, isTrusted: !isClosed };
    fetches.add(fetch);
    try {
      const key = await run();
      if (key === undefined || warm.get(key.keyId) === key) return fetch.isTrusted ? key : undefined;
      if (fetch.isTrusted) add(key);
      else key.key[Symbol.dispose]();
      return fetch.isTrusted ? key : undefined;
    } finally {
      fetches.delete(fetch);
    }
  };

  const sealingKey = async (slot: string, context: Context, text: string, signal: AbortSignal): Promise<WarmKey | undefined> => {
    const stored = await store.current(slot, { signal });
    const before = warm.sealing(text);
    const same = stored?.keyId === before?.keyId ? before : undefined;
    if (same !== undefined && performance.now() <= same.goodUntil && !isSpent(same)) return same;
    if (stored === undefined && before !== undefined) warm.drop(before.keyId);
    const isNew = stored === undefined || isOld(stored.createdAt) || (same !== undefined && isSpent(same));
    return renewed(isNew ? outages.creating : outages.opening, stored === undefined ? undefined : before, signal, async (limit) =>
      isNew ? create(slot, stored?.keyId, context, text, limit) : openStored(stored, context, text, limit),
    );
  };

  const openingKey = async (keyId: string, context: Context, text: string, signal: AbortSignal): Promise<WarmKey> => {
    const stored = await store.get(keyId, { signal });
    if (stored === undefined) {
      warm.drop(keyId);
      throw destroyed();
    }
    if (stored.slot !== slotOf("data", text)) {
      throw new LetterlockError("context-mismatch", "the record belongs to a key of another context");
    }
    return renewed(outages.opening, warm.get(keyId), signal, (limit) => openStored(stored, context, text, limit));
  };

  const again = async (run: () => Promise<WarmKey | undefined>): Promise<WarmKey> => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const key = await run();
      if (isClosed) throw new TypeError("the ring is disposed");
      if (key !== undefined) return key;
    }
    throw new LetterlockError("unavailable", "the keys of this context were changed each time that one was fetched: retry later");
  };

  return {
    warm,
    wrapping,
    warmSealing(text) {
      const key = warm.sealing(text);
      return key !== undefined && isGood(key) && (!isSpent(key) || performance.now() <= key.graceUntil) ? key : undefined;
    },
    maySeal: (key) => !key.gone && (!isFull(key) || performance.now() <= key.graceUntil),
    warmOpening(keyId, text) {
      const key = warm.get(keyId);
      return key !== undefined && isGood(key) && key.text === text ? key : undefined;
    },
    likelyOpening(record, text) {
      const key = warm.recent(text);
      return key?.beginning !== undefined && isGood(key) && beginsWith(record, key.beginning) ? key : undefined;
    },
    sealing(context, text, signal) {
      const slot = slotOf("data", text);
      return flights.join(`seal ${text}`, signal, (limit) =>
        again(() => fetched(context, warm.addSealing, () => sealingKey(slot, context, text, limit))),
      );
    },
    opening(keyId, context, text, signal) {
      return flights.join(`open ${keyId} ${text}`, signal, (limit) =>
        again(() => fetched(context, warm.add, () => openingKey(keyId, context, text, limit))),
      );
    },
    distrust,
    close() {
      isClosed = true;
      distrust({});
      warm.sweep(() => false);
      wrapping.forgetAll();
    },
  };
}

function beginsWith(record: Uint8Array, beginning: Uint8Array): boolean {
  for (let i = 0; i < beginning.length; i++) if (record[i] !== beginning[i]) return false;
  return true;
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
