import {
  type Context,
  createIntermediateKek,
  type HeaderInfo,
  inspect,
  intermediateKek,
  type Kek,
  type KekUnwrapper,
  LetterlockError,
} from "@letterlock/core";
import { createFlights } from "./flights.ts";
import type { KeyStore } from "./key-store.ts";
import type { ReadPolicy } from "./policy.ts";
import { contextText, picked, slotOf } from "./slot.ts";

/** What wraps and unwraps the data keys of a context: the KEKs themselves, or an intermediate KEK that they wrap. */
export interface Wrapping {
  /** For a new data key of the context. `isStill` tells afterwards whether what wrapped was destroyed meanwhile. */
  wrapping<T>(context: Context, signal: AbortSignal, run: (keks: readonly Kek[]) => Promise<T>): Promise<Wrapped<T>>;
  /** For a data key of the context that has these recipients. */
  unwrapping<T>(context: Context, header: HeaderInfo, signal: AbortSignal, run: (keks: readonly KekUnwrapper[]) => Promise<T>): Promise<T>;
  /** Whether every intermediate KEK that wrapped the data key is gone from the store: nobody opens it any more. */
  isOrphan(header: HeaderInfo, signal: AbortSignal): Promise<boolean>;
  /** Zeroes the intermediate KEKs of the slots; those that are in use now, when that use ends. */
  forget(slots: ReadonlySet<string>): void;
  /** All of them, and those that are fetched later after their use. */
  forgetAll(): void;
  /** How many are in memory, and not over their age. */
  size(): number;
}

export interface Wrapped<T> {
  readonly result: T;
  isStill(): Promise<boolean>;
}

export function wrappingOf(keks: readonly Kek[], store: KeyStore, policy: ReadPolicy): Wrapping {
  return policy.hierarchy === undefined ? direct(keks, store) : hierarchical(keks, store, policy, policy.hierarchy);
}

function direct(keks: readonly Kek[], store: KeyStore): Wrapping {
  return {
    wrapping: async (_context, _signal, run) => ({ result: await run(keks), isStill: async () => true }),
    unwrapping: async (_context, header, _signal, run) => {
      requireOwn(header, keks, []);
      return await run(keks);
    },
    isOrphan: orphanIn(keks, store),
    forget: () => undefined,
    forgetAll: () => undefined,
    size: () => 0,
  };
}

interface Kept {
  readonly kek: Kek & Disposable;
  readonly slot: string;
  users: number;
  /** By `performance.now`, when its blob was fetched last; -Infinity for never. */
  openedAt: number;
  isForgotten: boolean;
}

function hierarchical(
  keks: readonly Kek[],
  store: KeyStore,
  { maxAgeMs, maxKeys, renewalMs }: ReadPolicy,
  names: readonly string[],
): Wrapping {
  const kept = new Map<string, Kept>();
  const flights = createFlights(renewalMs);
  let isClosed = false;
  const drop = (keyId: string): void => {
    const entry = kept.get(keyId);
    if (entry === undefined) return;
    kept.delete(keyId);
    entry.isForgotten = true;
    if (entry.users === 0) entry.kek[Symbol.dispose]();
  };
  /** Those that nobody used for long make room for it. */
  const keep = (keyId: string, slot: string, context: Context): Kept => {
    const entry = kept.get(keyId) ?? pinned(keyId, slot, context);
    if (isClosed) return entry;
    kept.delete(keyId);
    kept.set(keyId, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKeys) break;
      drop(oldest);
    }
    return entry;
  };
  const using = async <T>(entries: readonly Kept[], run: () => Promise<T>): Promise<T> => {
    for (const entry of entries) entry.users += 1;
    try {
      return await run();
    } finally {
      for (const entry of entries) {
        entry.users -= 1;
        if (entry.isForgotten && entry.users === 0) entry.kek[Symbol.dispose]();
      }
    }
  };
  // The blob is read from the store whenever it is opened: one that was wrapped again is found, and one that was destroyed is not.
  const pinned = (keyId: string, slot: string, context: Context): Kept => {
    const blob = async ({ signal }: { readonly signal: AbortSignal }): Promise<Uint8Array> => {
      entry.openedAt = performance.now();
      const stored = await store.get(keyId, { signal });
      if (stored?.slot === slot) return stored.blob;
      throw new LetterlockError("kek-unusable", "the intermediate KEK was destroyed");
    };
    const kek = intermediateKek({ keyId, keks, context, maxAgeMs, blob });
    const entry: Kept = { kek, slot, users: 0, openedAt: -Infinity, isForgotten: isClosed };
    return entry;
  };
  /** Contexts that start together under one intermediate KEK ask once. */
  const currentOrNew = (slot: string, context: Context, signal: AbortSignal): Promise<string> =>
    flights.join(slot, signal, (limit) => fetchOrCreate(slot, context, limit));
  const fetchOrCreate = async (slot: string, context: Context, signal: AbortSignal): Promise<string> => {
    const current = await store.current(slot, { signal });
    if (current !== undefined) return current.keyId;
    const { blob } = await createIntermediateKek(keks, { context, signal });
    const { key } = await store.create(slot, blob, undefined, { signal });
    if (key === undefined) throw new LetterlockError("unavailable", "the key store did not keep the intermediate KEK: retry later");
    return key.keyId;
  };
  return {
    async wrapping(context, signal, run) {
      const own = picked(context, names);
      if (own === undefined) throw new TypeError(`context must have ${names.join(", ")}: the policy has an intermediate KEK for each`);
      const slot = slotOf("kek", contextText(own));
      const keyId = await currentOrNew(slot, own, signal);
      const entry = keep(keyId, slot, own);
      const result = await using([entry], () => run([entry.kek]));
      return { result, isStill: async () => (await store.get(keyId, { signal })) !== undefined };
    },
    // Which intermediate KEK may be named is decided by the expected context, through the slot, and never by the header (SPEC 6.3).
    async unwrapping(context, header, signal, run) {
      const own = picked(context, names);
      const slot = own && slotOf("kek", contextText(own));
      const entries: Kept[] = [];
      for (const { provider, keyRef } of header.recipients) {
        if (provider !== "intermediate" || own === undefined || slot === undefined) continue;
        const isOurs = kept.get(keyRef)?.slot === slot || (await store.get(keyRef, { signal }))?.slot === slot;
        if (isOurs) entries.push(keep(keyRef, slot, own));
      }
      // Keys from before the policy had a hierarchy, or of a context that has none, are wrapped by the KEKs themselves.
      requireOwn(header, keks, entries);
      return await using(entries, () => run([...entries.map(({ kek }) => kek), ...keks]));
    },
    isOrphan: orphanIn(keks, store),
    forget(slots) {
      for (const [keyId, { slot }] of kept) if (slots.has(slot)) drop(keyId);
    },
    forgetAll() {
      isClosed = true;
      for (const keyId of [...kept.keys()]) drop(keyId);
    },
    size: () => [...kept.values()].filter(({ openedAt }) => performance.now() <= openedAt + maxAgeMs).length,
  };
}

function isForeign(header: HeaderInfo, keks: readonly Kek[]): boolean {
  return header.recipients.every((recipient) => recipient.provider === "intermediate" && !keks.some((kek) => kek.owns(recipient)));
}

function orphanIn(keks: readonly Kek[], store: KeyStore): Wrapping["isOrphan"] {
  return async (header, signal) => {
    if (!isForeign(header, keks)) return false;
    for (const { keyRef } of header.recipients) if ((await store.get(keyRef, { signal })) !== undefined) return false;
    return true;
  };
}

function requireOwn(header: HeaderInfo, keks: readonly Kek[], entries: readonly Kept[]): void {
  if (entries.length > 0 || !isForeign(header, keks)) return;
  throw new LetterlockError(
    "no-matching-kek",
    "the data key is under an intermediate KEK that was destroyed, or that the hierarchy of this policy does not give to the context: a change of hierarchy needs the records sealed again",
  );
}

export function headerIn({ keyId, blob }: { readonly keyId: string; readonly blob: Uint8Array }): HeaderInfo {
  const info = inspect(blob);
  if (info.type === "key-blob" && info.keyId === keyId) return info.header;
  throw new LetterlockError("malformed", `what the key store has for the key ${keyId} is not its key blob`);
}
