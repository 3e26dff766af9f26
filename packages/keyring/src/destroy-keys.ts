import { type Context, LetterlockError } from "@letterlock/core";
import { headerIn } from "./intermediates.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";
import type { RingKeys } from "./ring-keys.ts";
import { includesPairs, requireContext } from "./slot.ts";

export interface Destroyed {
  /** Of data keys and of intermediate KEKs. */
  readonly keyIds: readonly string[];
  /** KeyIds of stored blobs that are damaged: whose they were cannot be told, so they stayed. */
  readonly unreadable: readonly string[];
}

/** An empty context would mean everything. */
export async function destroyKeys(store: KeyStore, keys: RingKeys, context: Context, signal: AbortSignal | undefined): Promise<Destroyed> {
  requireContext(context);
  if (Object.keys(context).length === 0) throw new TypeError("context must name what to destroy: every key has the empty one");
  const slots = new Set<string>();
  const keyIds = new Set<string>();
  const unreadable = new Set<string>();
  const forget = (): void => {
    keys.distrust(context);
    keys.warm.sweep((key) => !includesPairs(key.context, context));
    keys.wrapping.forget(slots);
  };
  const destroyAll = async (): Promise<void> => {
    const found = new Set<string>();
    for await (const stored of store.list({ signal })) {
      const isOurs = belongs(stored, context);
      if (isOurs) found.add(stored.slot);
      if (isOurs === undefined) unreadable.add(stored.keyId);
    }
    for (const slot of found) slots.add(slot);
    forget();
    for (const slot of found) for (const keyId of await store.destroy(slot, { signal })) keyIds.add(keyId);
  };
  try {
    await destroyAll();
    // What others made while the first list was read. What they wrapped with a key that the first round took away, they take away themselves.
    await destroyAll();
  } finally {
    // What was fetched between the first forgetting and the end of the work.
    forget();
  }
  return { keyIds: [...keyIds], unreadable: [...unreadable] };
}

/** Undefined where the blob does not tell. */
function belongs(stored: StoredKey, context: Context): boolean | undefined {
  try {
    return includesPairs(headerIn(stored).context, context);
  } catch (error) {
    if (LetterlockError.is(error)) return undefined;
    throw error;
  }
}
