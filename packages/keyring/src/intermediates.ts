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
import type { KeyStore } from "./key-store.ts";
import type { ReadPolicy } from "./policy.ts";
import { contextText, picked, slotOf } from "./slot.ts";

/** What wraps and unwraps the data keys of a context: the KEKs themselves, or an intermediate KEK that they wrap. */
export interface Wrapping {
  /** For a new data key of the context. */
  wrappers(context: Context, signal: AbortSignal): Promise<readonly Kek[]>;
  /** For a data key of the context that has these recipients. */
  unwrappers(context: Context, header: HeaderInfo, signal: AbortSignal): Promise<readonly KekUnwrapper[]>;
  /** Zeroes the intermediate KEKs of the slots. */
  forget(slots: ReadonlySet<string>): void;
  forgetAll(): void;
  size(): number;
}

export function wrappingOf(keks: readonly Kek[], store: KeyStore, policy: ReadPolicy): Wrapping {
  return policy.hierarchy === undefined ? direct(keks) : hierarchical(keks, store, policy, policy.hierarchy);
}

function direct(keks: readonly Kek[]): Wrapping {
  return {
    wrappers: async () => keks,
    unwrappers: async () => keks,
    forget: () => undefined,
    forgetAll: () => undefined,
    size: () => 0,
  };
}

interface Kept {
  readonly kek: Kek & Disposable;
  readonly slot: string;
}

function hierarchical(keks: readonly Kek[], store: KeyStore, { maxAgeMs, maxKeys }: ReadPolicy, names: readonly string[]): Wrapping {
  const kept = new Map<string, Kept>();
  const drop = (keyId: string): void => {
    kept.get(keyId)?.kek[Symbol.dispose]();
    kept.delete(keyId);
  };
  const keep = (keyId: string, slot: string, context: Context): Kek => {
    const known = kept.get(keyId);
    kept.delete(keyId);
    const entry = known ?? { kek: pinned(keyId, slot, context), slot };
    kept.set(keyId, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKeys) break;
      drop(oldest);
    }
    return entry.kek;
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
  return {
    async wrappers(context, signal) {
      const own = picked(context, names);
      const slot = slotOf("kek", contextText(own));
      const current = await store.current(slot, { signal });
      if (current !== undefined) return [keep(current.keyId, slot, own)];
      const { blob } = await createIntermediateKek(keks, { context: own, signal });
      const { key } = await store.create(slot, blob, undefined, { signal });
      if (key === undefined) throw new LetterlockError("unavailable", "the key store did not keep the intermediate KEK");
      return [keep(key.keyId, slot, own)];
    },
    // Which intermediate KEK may be named is decided by the expected context, through the slot, and never by the header (SPEC 6.3).
    async unwrappers(context, header, signal) {
      const own = picked(context, names);
      const slot = slotOf("kek", contextText(own));
      const found: Kek[] = [];
      for (const { provider, keyRef } of header.recipients) {
        if (provider !== "intermediate") continue;
        const known = kept.get(keyRef)?.slot === slot || (await store.get(keyRef, { signal }))?.slot === slot;
        if (known) found.push(keep(keyRef, slot, own));
      }
      // Keys from before the policy had a hierarchy are wrapped by the KEKs themselves.
      return [...found, ...keks];
    },
    forget(slots) {
      for (const [keyId, { slot }] of kept) if (slots.has(slot)) drop(keyId);
    },
    forgetAll() {
      for (const keyId of [...kept.keys()]) drop(keyId);
    },
    size: () => kept.size,
  };
}

export function headerIn(blob: Uint8Array): HeaderInfo {
  const info = inspect(blob);
  if (info.type !== "key-blob") throw new LetterlockError("malformed", "the key store gave something that is no key blob");
  return info.header;
}
