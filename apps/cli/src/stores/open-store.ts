import { resolve } from "node:path";
import { type EnvelopeStore, fileStore, ndjsonStore } from "@letterlock/migrate";
import { usage } from "../failure.ts";
import type { StoreEntry } from "./store-entry.ts";

/** A store of a configuration, and the connection that is behind it. */
export interface OpenedStore {
  readonly name: string;
  readonly store: EnvelopeStore;
  close(): Promise<void>;
}

/** `folder`: what the paths of the entry are relative to. Loads the driver, which nothing did before; nothing is asked of a server yet. */
export async function openStore(name: string, entry: StoreEntry, folder: string): Promise<OpenedStore> {
  return { name, store: await load(name, entry, folder), close: async () => {} };
}

async function load(name: string, entry: StoreEntry, folder: string): Promise<EnvelopeStore> {
  switch (entry.type) {
    case "files":
      return fileStore({ folder: resolve(folder, entry.folder) });
    case "ndjson":
      return ndjsonStore({ file: resolve(folder, entry.file), fields: entry.fields, key: entry.key });
    default:
      throw usage(`stores.${name}: stores of type ${entry.type} cannot be opened`);
  }
}
