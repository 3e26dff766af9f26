import type { OpenedStore } from "../stores/open-store.ts";
import { openStore } from "../stores/open-store.ts";
import type { ChosenStore } from "./chosen-stores.ts";

/** Opens the stores for the work, and closes their connections after it, so that the process can end. */
export async function withOpenedStores<T>(
  chosen: readonly ChosenStore[],
  folder: string,
  work: (stores: readonly OpenedStore[]) => Promise<T>,
): Promise<T> {
  const opened: OpenedStore[] = [];
  try {
    for (const { name, entry } of chosen) opened.push(await openStore(name, entry, folder));
    return await work(opened);
  } finally {
    for (const store of opened) await store.close();
  }
}
