import { readFile, rmdir, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { inspect } from "@letterlock/core";
import { absent, makeFolder, publish, syncFolder, unique, writeDraft, writeNew } from "./durable-files.ts";
import { keyFolders, keyText, numbered, numbers, safe } from "./file-key-folders.ts";
import { createLeftovers } from "./file-key-leftovers.ts";
import type { KeyStore, StoredKey } from "./key-store.ts";

/** The last place of a slot, 0 for none, and its current key. */
interface Head {
  readonly sequence: number;
  readonly key: StoredKey | undefined;
}

/**
 * A key store in a folder of a local file system that has hard links, for the processes of one machine. It needs no lock: whatever must happen once is the making of a
 * name that may not exist yet. A key is a folder of numbered versions, the highest is the key; a slot is a folder of numbered keyIds. What is written is synced
 * before it gets its name, and the folder after. A process may be killed at any time: `destroy` finishes what others left, and `create` takes the rest away after an hour.
 */
export function fileKeyStore(folder: string): KeyStore {
  if (typeof folder !== "string" || folder === "") throw new TypeError("folder must be a path");
  const root = resolve(folder);
  const keys = keyFolders(join(root, "keys"));
  const leftovers = createLeftovers(root, keys);
  const slotFolder = (slot: string): string => join(root, "slots", safe(slot));

  const headOf = async (slot: string): Promise<Head> => {
    for (;;) {
      const places = await numbers(slotFolder(slot));
      const head = await newest(slot, places);
      if (head !== undefined) return head;
    }
  };
  /** Undefined where the slot was destroyed meanwhile. A place whose key is gone was made while somebody destroyed: the one before it counts. */
  const newest = async (slot: string, places: readonly string[]): Promise<Head | undefined> => {
    const sequence = Number(places.at(-1) ?? 0);
    for (const place of places.toReversed()) {
      const keyId = await readFile(join(slotFolder(slot), place), "utf8").catch(absent);
      if (keyId === undefined) return undefined;
      const key = await keys.get(keyId);
      if (key !== undefined) return { sequence, key };
    }
    return { sequence, key: undefined };
  };
  const current = async (slot: string): Promise<StoredKey | undefined> => (await headOf(slot)).key;

  /** False: the key or its place is there already, or somebody destroyed it meanwhile. */
  const write = async (key: StoredKey): Promise<boolean> => {
    const creating = join(root, `creating-${key.keyId}`);
    await makeFolder(root);
    if (!(await writeDraft(creating, keyText(key)))) return false;
    await makeFolder(keys.path(key.keyId));
    // The folder of a slot that has keys is not made: where it is missing now, those were destroyed.
    if (key.sequence === 1) await makeFolder(slotFolder(key.slot));
    await syncFolder(root);
    if (!(await publish(creating, join(keys.path(key.keyId), numbered(1))))) {
      // Of another, it is not empty.
      await rmdir(keys.path(key.keyId)).catch(() => undefined);
      await unlink(creating).catch(absent);
      return false;
    }
    await keys.sync();
    const hasPlace = await writeNew(root, join(slotFolder(key.slot), numbered(key.sequence)), key.keyId);
    if (!hasPlace) await keys.remove(key.keyId);
    await syncFolder(join(root, "slots"));
    return (await unlink(creating).then(() => true, absent)) === true && hasPlace;
  };

  return {
    get: (keyId) => keys.get(keyId),
    current,
    async create(slot, blob, after) {
      const { sequence, key: before } = await headOf(slot);
      if (before?.keyId !== after) return { created: false, key: before };
      const key: StoredKey = { keyId: inspect(blob).keyId, slot, sequence: sequence + 1, createdAt: Date.now(), blob: blob.slice() };
      const created = await write(key);
      // What cannot be taken away now is in nobody's way.
      await leftovers.sweep().catch(() => undefined);
      return created ? { created, key } : { created, key: await current(slot) };
    },
    async replace(keyId, expected, blob) {
      const version = await keys.version(keyId);
      const stored = await keys.get(keyId);
      if (version === undefined || stored === undefined) return "gone";
      if (Buffer.compare(stored.blob, expected) !== 0) return "conflict";
      const next = numbered(Number(version) + 1);
      const replacing = join(root, `replacing-${keyId}-${unique()}`);
      await writeDraft(replacing, keyText({ ...stored, blob }));
      const written = await publish(replacing, join(keys.path(keyId), next));
      const now = await keys.version(keyId);
      // Versions below the highest are taken away, so a slow writer can make one again: it is not the key.
      if (written && now !== undefined) await keys.dropOlder(keyId);
      await unlink(replacing).catch(absent);
      if (now === undefined) return "gone";
      return written && now === next ? "replaced" : "conflict";
    },
    async *list({ after = "", signal } = {}) {
      for (const keyId of await keys.keyIds()) {
        signal?.throwIfAborted();
        const key = keyId > after ? await keys.read(keyId) : undefined;
        if (key !== undefined) yield key;
      }
    },
    async destroy(slot) {
      const keyIds = await leftovers.destroy(safe(slot));
      if (keyIds.size > 0) return [...keyIds];
      // Keys without a place, as a folder has that was restored in part.
      for (const keyId of await keys.keyIds()) {
        if ((await keys.read(keyId))?.slot !== slot) continue;
        await keys.remove(keyId);
        keyIds.add(keyId);
      }
      await keys.sync();
      return [...keyIds];
    },
  };
}
