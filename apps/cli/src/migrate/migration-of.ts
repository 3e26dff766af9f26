import type { EnvelopeStore, Migration } from "@letterlock/migrate";
import type { ChosenKeks } from "../keks/chosen-keks.ts";
import type { StoreEntry } from "../stores/store-entry.ts";

/** What the library moves: a store, its KEKs, and what its entry knows of all its objects. */
export function migrationOf({ detached }: StoreEntry, store: EnvelopeStore, { from, to }: ChosenKeks): Migration {
  return { store, from, to, ...(detached && { detached: () => detached }) };
}
