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
  /** Zeroes the intermediate KEKs of the slots; those that are in use now, when that use ends. */
  forget(slots: ReadonlySet<string>): void;
  /** All of them, and those that are fetched later after their use. */
  forgetAll(): void;
  size(): number;
}

export interface Wrapped<T> {
  readonly result: T;
  isStill(): Promise<boolean>;
}

export function wrappingOf(keks: readonly Kek[], store: KeyStore, policy: ReadPolicy): Wrapping {
  return policy.hierarchy === undefined ? direct(keks) : hierarchical(keks, store, policy, policy.hierarchy);
}

function direct(keks: readonly Kek[]): Wrapping {
  return {
    wrapping: async (_context, _signal, run) => ({ result: await run(keks), isStill: async () => true }),
    unwrapping: (_context, _header, _signal, run) => run(keks),
    forget: () => undefined,
    forgetAll: () => undefined,
    size: () => 0,
  };
}

interface Kept {
  readonly kek: Kek & Disposable;
  readonly slot: string;
  users: number;
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
    const entry = kept.get(keyId) ?? { kek: pinned(keyId, slot, context), slot, users: 0, isForgotten: isClosed };
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
  const pinned = (keyId: string, slot: string, context: Context): Kek & Disposable =>
    intermediateKek({
      keyId,
      keks,
      context,
      maxAgeMs,
      blob: async ({ signal }) => {
        const stored = await store.get(keyId, { signal });
        if (stored?.slot === slot) return stored.blob;
        throw new LetterlockError("kek-unusable", "the intermediate KEK was destroyed");
      },
    });
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
  const slotIn = (context: Context): { readonly own: Context; readonly slot: string } => {
    const own = picked(context, names);
    return { own, slot: slotOf("kek", contextText(own)) };
  };
  return {
    async wrapping(context, signal, run) {
      const { own, slot } = slotIn(context);
      const keyId = await currentOrNew(slot, own, signal);
      const entry = keep(keyId, slot, own);
      const result = await using([entry], () => run([entry.kek]));
      return { result, isStill: async () => (await store.get(keyId, { signal })) !== undefined };
    },
    // Which intermediate KEK may be named is decided by the expected context, through the slot, and never by the header (SPEC 6.3).
    async unwrapping(context, header, signal, run) {
      const { own, slot } = slotIn(context);
      const entries: Kept[] = [];
      for (const { provider, keyRef } of header.recipients) {
        if (provider !== "intermediate") continue;
        const isOurs = kept.get(keyRef)?.slot === slot || (await store.get(keyRef, { signal }))?.slot === slot;
        if (isOurs) entries.push(keep(keyRef, slot, own));
      }
      // Keys from before the policy had a hierarchy are wrapped by the KEKs themselves.
      return using(entries, () => run([...entries.map(({ kek }) => kek), ...keks]));
    },
    forget(slots) {
      for (const [keyId, { slot }] of kept) if (slots.has(slot)) drop(keyId);
    },
    forgetAll() {
      isClosed = true;
      for (const keyId of [...kept.keys()]) drop(keyId);
    },
    size: () => kept.size,
  };
}

export function headerIn({ keyId, blob }: { readonly keyId: string; readonly blob: Uint8Array }): HeaderInfo {
  const info = inspect(blob);
  if (info.type === "key-blob" && info.keyId === keyId) return info.header;
  throw new LetterlockError("malformed", `what the key store has for the key ${keyId} is not its key blob`);
}
