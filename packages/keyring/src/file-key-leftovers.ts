import { readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { absent, names, syncFolder, unique } from "./durable-files.ts";
import { isName, type KeyFolders } from "./file-key-folders.ts";

/** What is left in the folder of a file store while something is done, and stays there when its process is killed. */
export interface Leftovers {
  /**
   * Takes a slot away, with what is being created in it, and finishes everything that anybody took away: it does not resolve before those keys are gone. Doing it at
   * the same time as others is harmless. The keyIds are those of the slot.
   */
  destroy(slot: string): Promise<Set<string>>;
  /** Finishes what processes began an hour ago or before. */
  sweep(): Promise<void>;
}

/** A process that takes longer is taken for a killed one. */
const abandonedMs = 3_600_000;

/**
 * `draft-`: a file that has no name yet. `creating-` and a keyId: a key that may have no place in its slot yet. `taken-` and a keyId: one of those, which must go.
 * `replacing-` and a keyId: a key that may have older versions. `destroyed-` and a slot: the folder of a slot whose keys must go.
 */
export function createLeftovers(folder: string, keys: KeyFolders): Leftovers {
  const finish = async (slot: string | undefined): Promise<Set<string>> => {
    const ofSlot = new Set<string>();
    for (const name of await names(folder)) {
      const path = join(folder, name);
      const keyIds: string[] = [];
      if (name.startsWith("taken-")) keyIds.push(name.slice("taken-".length));
      else if (name.startsWith("destroyed-")) keyIds.push(...(await placesIn(path)));
      else continue;
      for (const keyId of keyIds) await keys.remove(keyId);
      await keys.sync();
      await rm(path, { recursive: true, force: true, maxRetries });
      if (slot === undefined || name.startsWith(`destroyed-${slot}-`)) for (const keyId of keyIds) ofSlot.add(keyId);
    }
    return ofSlot;
  };
  /** Who created it notices: it is no longer there when everything else is done. */
  const take = async (keyId: string): Promise<void> => {
    await rename(join(folder, `creating-${keyId}`), join(folder, `taken-${keyId}`)).catch(absent);
  };
  const hasPlace = async (keyId: string): Promise<boolean> => {
    const { slot } = (await keys.read(keyId)) ?? {};
    if (slot === undefined) return false;
    // One that is damaged does not tell, and may be in use.
    return !isName(slot) || (await placesIn(join(folder, "slots", slot))).includes(keyId);
  };

  return {
    async destroy(slot) {
      for (const name of await names(folder)) {
        if (!name.startsWith("creating-")) continue;
        const keyId = name.slice("creating-".length);
        if ((await keys.parsed(keyId, join(folder, name)))?.slot === slot) await take(keyId);
      }
      await rename(join(folder, "slots", slot), join(folder, `destroyed-${slot}-${unique()}`)).catch(absent);
      await syncFolder(join(folder, "slots"));
      const keyIds = await finish(slot);
      await syncFolder(folder);
      return keyIds;
    },
    async sweep() {
      for (const name of await names(folder)) {
        const path = join(folder, name);
        const prefix = /^(draft|creating|replacing)-/.exec(name)?.[1];
        const found = prefix === undefined ? undefined : await stat(path).catch(absent);
        if (found === undefined || Date.now() - found.mtimeMs < abandonedMs) continue;
        const keyId = name.slice(`${prefix}-`.length).slice(0, 43);
        if (prefix === "replacing" && isName(keyId)) await keys.dropOlder(keyId);
        if (prefix === "creating" && isName(keyId) && !(await hasPlace(keyId))) await take(keyId);
        else await unlink(path).catch(absent);
      }
      await finish(undefined);
    },
  };
}

const maxRetries = 5;

/** The keyIds that a slot's folder names. */
async function placesIn(path: string): Promise<string[]> {
  const keyIds: string[] = [];
  for (const place of await names(path)) {
    const keyId = await readFile(join(path, place), "utf8").catch(absent);
    if (keyId !== undefined && isName(keyId)) keyIds.push(keyId);
  }
  return keyIds;
}
