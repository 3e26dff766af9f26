import { setTimeout as wait } from "node:timers/promises";
import type { StoreUse } from "../stores/named-store.ts";
import type { OpenedStore } from "../stores/open-store.ts";
import { openStore } from "../stores/open-store.ts";
import type { ChosenStore } from "./chosen-stores.ts";

/** A connection that is still in the making, after an abort, would be waited for as long as that takes. */
const closingMs = 1_000;

/** Opens the stores for the work, and closes their connections after it, so that the process can end. */
export async function withOpenedStores<T>(
  chosen: readonly ChosenStore[],
  folder: string,
  work: (stores: readonly OpenedStore[]) => Promise<T>,
  use: StoreUse = {},
): Promise<T> {
  const opened: OpenedStore[] = [];
  try {
    for (const { name, entry } of chosen) opened.push(await openStore(name, entry, folder, use));
    return await work(opened);
  } finally {
    for (const store of opened) await closed(store);
  }
}

async function closed(store: OpenedStore): Promise<void> {
  const waited = new AbortController();
  const limit = wait(closingMs, undefined, { signal: waited.signal }).catch(() => {});
  try {
    await Promise.race([store.close(), limit]);
  } finally {
    waited.abort();
  }
}
