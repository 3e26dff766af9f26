import type { Context } from "@letterlock/core";
import { headerIn } from "./intermediates.ts";
import type { KeyStore } from "./key-store.ts";
import type { RingKeys } from "./ring-keys.ts";
import { includesPairs } from "./slot.ts";

export interface Destroyed {
  /** Of data keys and of intermediate KEKs. */
  readonly keyIds: readonly string[];
}

/** An empty context would mean everything. */
export async function destroyKeys(store: KeyStore, keys: RingKeys, context: Context, signal: AbortSignal | undefined): Promise<Destroyed> {
  if (Object.keys(context).length === 0) throw new TypeError("context must name what to destroy: every key has the empty one");
  const slots = new Set<string>();
  for await (const { slot, blob } of store.list({ signal })) if (includesPairs(headerIn(blob).context, context)) slots.add(slot);
  const keyIds: string[] = [];
  const forget = (): void => {
    keys.distrust();
    keys.warm.sweep((key) => !includesPairs(key.context, context));
    keys.wrapping.forget(slots);
  };
  forget();
  try {
    for (const slot of slots) keyIds.push(...(await store.destroy(slot, { signal })));
  } finally {
    // What was fetched between the first forgetting and the end of the work.
    forget();
  }
  return { keyIds };
}
