import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileKeyStore } from "@letterlock/keyring";
import { usage } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { FileStoreUri } from "./key-store-uri.ts";

/** A folder that is none would be an empty key store, in which nothing is ever stale. */
export async function openFileStore({ folder }: FileStoreUri): Promise<ConnectedStore> {
  const keys = await stat(join(folder, "keys")).catch(() => undefined);
  if (keys?.isDirectory() !== true) throw usage(`--key-store file: ${printable(folder)} is no key store: it has no folder "keys"`);
  return {
    store: fileKeyStore(folder),
    explain: (error) => {
      const { code } = error as { readonly code?: unknown };
      const isDenied = code === "EACCES" || code === "EPERM" || code === "EROFS";
      return isDenied ? { code: "access-denied", advice: "look at the permissions of the folder" } : { code: "provider-error" };
    },
    close: async () => {},
  };
}
