import { type Context, createDataKey, type Kek, LetterlockError, openDataKey } from "@letterlock/core";
import { createFlights } from "./flights.ts";
import { headerIn, type Wrapping, wrappingOf } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import type { ReadPolicy } from "./policy.ts";
import { createRenewals, destroyedKey } from "./renewals.ts";
import { includesPairs, slotOf } from "./slot.ts";
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
  /** A KEK was rotated: keys from before do not seal any more. */
  rotated(): void;
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

/** `store` is one of `translatedStore`; `answers` tells how often each KEK answered. */
export function createRingKeys(keks: readonly Kek[], store: KeyStore, policy: ReadPolicy, answers: () => readonly number[]): RingKeys {
  const warm = createWarmKeys(policy.maxKeys);
  const wrapping = wrappingOf(keks, store, policy);
  const renewed = createRenewals(warm, store, policy, answers);
  const flights = createFlights(2 * policy.renewalMs);
  const fetches = new Set<Fetch>();
  let isClosed = false;
  let rotatedAt = -Infinity;
  // How far the clock of the store was behind when it last created a key for this process.
  let storeBehindMs = 0;

  const isGood = (key: WarmKey): boolean => !key.gone && performance.now() <= Math.max(key.goodUntil, key.graceUntil);
  const isFull = (key: WarmKey): boolean => key.messages >= policy.newAfterMessages || key.bytes >= policy.newAfterBytes;
  const isSpent = (key: WarmKey): boolean => isFull(key) || key.knownSince < rotatedAt || isOld(key.bornAt);
  const isOld = (bornAt: number): boolean => bornAt < rotatedAt || performance.now() - bornAt >= policy.newAfterAgeMs;
  const bornAtOf = ({ createdAt }: StoredKey): number => performance.now() - (Date.now() - createdAt - storeBehindMs);

  /** `openedAt`: from before the store was asked. What is destroyed after that is not used for longer than its age. */
  const openStored = async (stored: StoredKey, context: Context, text: string, openedAt: number, signal: AbortSignal): Promise<WarmKey> => {
    const key = await wrapping.unwrapping(context, headerIn(stored), signal, (unwrappers) =>
      openDataKey(stored.blob, unwrappers, { context, keyId: stored.keyId, signal }),
    );
    return warmKey({ key, stored, context, text, bornAt: bornAtOf(stored), openedAt, goodUntil: openedAt + policy.maxAgeMs });
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
      if (!isOurs) {
        if (stored === undefined || (await wrapping.isOrphan(headerIn(stored), signal))) return undefined;
        return await openStored(stored, context, text, openedAt, signal);
      }
      const bornAt = performance.now();
      storeBehindMs = Date.now() - stored.createdAt;
      // A key that nobody will open is followed by the next one. `destroyKeys` looks at what it may have missed after it took the intermediate KEK away.
      if (await isStill()) created = warmKey({ key, stored, context, text, bornAt, openedAt, goodUntil: openedAt + policy.maxAgeMs });
      return created;
    } finally {
      if (created === undefined) key[Symbol.dispose]();
    }
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
      if (key === undefined || key.left) return undefined;
      if (fetch.isTrusted) add(key);
      else if (warm.get(key.keyId) !== key) key.key[Symbol.dispose]();
      return fetch.isTrusted ? key : undefined;
    } finally {
      fetches.delete(fetch);
    }
  };

  const sealingKey = async (slot: string, context: Context, text: string, signal: AbortSignal): Promise<WarmKey | undefined> => {
    const openedAt = performance.now();
    const stored = await store.current(slot, { signal });
    const known = stored && warm.get(stored.keyId);
    const same = known?.text === text ? known : undefined;
    const before = same ?? warm.sealing(text);
    if (same !== undefined && performance.now() <= same.goodUntil && !isSpent(same)) return same;
    const isLost = stored === undefined || (await wrapping.isOrphan(headerIn(stored), signal));
    if (isLost && before !== undefined) warm.drop(before.keyId);
    if (isLost || (same === undefined ? isOld(bornAtOf(stored)) : isSpent(same))) {
      return renewed("creating", isLost ? undefined : before, signal, (limit) => create(slot, stored?.keyId, context, text, limit));
    }
    return renewed("opening", before, signal, (limit) => openStored(stored, context, text, openedAt, limit));
  };

  const openingKey = async (keyId: string, context: Context, text: string, signal: AbortSignal): Promise<WarmKey | undefined> => {
    const openedAt = performance.now();
    const stored = await store.get(keyId, { signal });
    if (stored === undefined) {
      warm.drop(keyId);
      throw destroyedKey();
    }
    if (stored.slot !== slotOf("data", text)) {
      throw new LetterlockError("context-mismatch", "the record belongs to a key of another context");
    }
    return renewed("opening", warm.get(keyId), signal, (limit) => openStored(stored, context, text, openedAt, limit));
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
    rotated() {
      rotatedAt = performance.now();
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
