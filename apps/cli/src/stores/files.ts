import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileStore } from "@letterlock/migrate";
import picomatch from "picomatch";
import { usage } from "../failure.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { FilesEntry } from "./store-entry.ts";
import { unwritableFolder } from "./unwritable-path.ts";

/** A folder that is none would be an empty store, which has nothing to migrate. */
export async function openFiles(name: string, { folder: written, include }: FilesEntry, base: string): Promise<ConnectedStore> {
  const folder = resolve(base, written);
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    throw usage(`stores.${name}.folder: ${folder} cannot be read: ${error.code}`);
  });
  if (!found.isDirectory()) throw usage(`stores.${name}.folder: ${folder} is no folder`);
  const isIncluded = include === undefined ? undefined : picomatch([...include], { dot: true });
  return {
    store: fileStore({ folder, ...(isIncluded !== undefined && { include: (id) => isIncluded(id) }) }),
    place: folder,
    mayNotWrite: () => unwritableFolder(folder),
    // The errors of the file system name the path.
    explain: () => undefined,
  };
}
