import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { fromText, inspect, LetterlockError, toText } from "@letterlock/core";
import type { KeyStore, StoredKey } from "./key-store.ts";

interface KeyFile {
  readonly slot: string;
  readonly sequence: number;
  readonly createdAt: number;
  readonly blob: string;
}

/**
 * A key store in a folder of a local file system that has hard links, for the processes of one machine. It needs no lock: whatever must happen once is the making of a
 * name that may not exist yet. A key is a folder of numbered versions, the highest is the key; a slot is a folder of numbered keyIds. What is written is synced
 * before it gets its name, and the folder after.
 */
export function fileKeyStore(folder: string): KeyStore {
  if (typeof folder !== "string" || folder === "") throw new TypeError("folder must be a path");
  const keyFolder = (keyId: string): string => join(folder, "keys", safe(keyId));
  const slotFolder = (slot: string): string => join(folder, "slots", safe(slot));

  const get = async (keyId: string): Promise<StoredKey | undefined> => {
    for (;;) {
      const version = await highest(keyFolder(keyId));
      if (version === undefined) return undefined;
      const text = await readFile(join(keyFolder(keyId), version), "utf8").catch(absent);
      if (text !== undefined) return parsed(keyId, text);
    }
  };
  const current = async (slot: string): Promise<StoredKey | undefined> => {
    for (;;) {
      const sequence = await highest(slotFolder(slot));
      const keyId = sequence === undefined ? undefined : await readFile(join(slotFolder(slot), sequence), "utf8").catch(absent);
      if (sequence === undefined) return undefined;
      const key = keyId === undefined ? undefined : await get(keyId);
      if (key !== undefined) return key;
      // It is being destroyed, or was: look again.
      if ((await highest(slotFolder(slot))) === sequence && keyId !== undefined) return undefined;
    }
  };

  return {
    get,
    current,
    async create(slot, blob, after) {
      const before = await current(slot);
      if (before?.keyId !== after) return { created: false, key: before };
      const { keyId } = inspect(blob);
      const sequence = (before?.sequence ?? 0) + 1;
      const key: StoredKey = { keyId, slot, sequence, createdAt: Date.now(), blob: blob.slice() };
      await mkdir(keyFolder(keyId), { recursive: true, mode: 0o700 });
      if (before === undefined) await mkdir(slotFolder(slot), { recursive: true, mode: 0o700 });
      await writeNew(folder, join(keyFolder(keyId), numbered(1)), JSON.stringify(fileOf(key)));
      await syncFolder(join(folder, "keys"));
      if (await writeNew(folder, join(slotFolder(slot), numbered(sequence)), keyId)) {
        await syncFolder(join(folder, "slots"));
        return { created: true, key };
      }
      await rm(keyFolder(keyId), { recursive: true, force: true });
      return { created: false, key: await current(slot) };
    },
    async replace(keyId, expected, blob) {
      const version = await highest(keyFolder(keyId));
      const stored = await get(keyId);
      if (version === undefined || stored === undefined) return "gone";
      if (Buffer.compare(stored.blob, expected) !== 0) return "conflict";
      const next = numbered(Number(version) + 1);
      const written = await writeNew(folder, join(keyFolder(keyId), next), JSON.stringify(fileOf({ ...stored, blob })));
      const now = await highest(keyFolder(keyId));
      if (now === undefined) return "gone";
      // Versions below the highest are taken away, so a slow writer can make one again: it is not the key.
      if (!written || now !== next) {
        if (written) await unlink(join(keyFolder(keyId), next)).catch(absent);
        return "conflict";
      }
      for (const old of await names(keyFolder(keyId))) if (old < next) await unlink(join(keyFolder(keyId), old)).catch(absent);
      return "replaced";
    },
    async *list({ after = "", signal } = {}) {
      for (const keyId of (await names(join(folder, "keys"))).sort()) {
        signal?.throwIfAborted();
        const key = keyId > after ? await get(keyId) : undefined;
        if (key !== undefined) yield key;
      }
    },
    async destroy(slot) {
      const away = join(folder, `destroyed-${randomBytes(8).toString("hex")}`);
      if ((await rename(slotFolder(slot), away).then(() => true, absent)) === undefined) return [];
      const keyIds: string[] = [];
      for (const name of await names(away)) keyIds.push(await readFile(join(away, name), "utf8"));
      for (const keyId of keyIds) await rm(keyFolder(keyId), { recursive: true, force: true });
      await syncFolder(join(folder, "keys"));
      await rm(away, { recursive: true, force: true });
      await syncFolder(join(folder, "slots"));
      return keyIds;
    },
  };
}

/** Digits sort as numbers do. */
function numbered(value: number): string {
  return String(value).padStart(12, "0");
}

async function highest(folder: string): Promise<string | undefined> {
  return (await names(folder)).sort().at(-1);
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent)) ?? [];
}

/** Written under another name, synced, and linked: a name never stands for half a file. False: the name exists. */
async function writeNew(folder: string, path: string, text: string): Promise<boolean> {
  const draft = join(folder, `draft-${randomBytes(8).toString("hex")}`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (isCode(error, "EEXIST") || isCode(error, "ENOENT")) return false;
    throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(join(path, ".."));
  return true;
}

/** Windows cannot sync a folder, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r").catch(absent);
  if (folder === undefined) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function fileOf({ slot, sequence, createdAt, blob }: StoredKey): KeyFile {
  return { slot, sequence, createdAt, blob: toText(blob) };
}

function parsed(keyId: string, text: string): StoredKey {
  const { slot, sequence, createdAt, blob } = JSON.parse(text) as KeyFile;
  return { keyId, slot, sequence, createdAt, blob: fromText(blob) };
}

/** KeyIds and slots are 43 characters of base64url: nothing else becomes a path. */
function safe(name: string): string {
  if (/^[A-Za-z0-9_-]{43}$/.test(name)) return name;
  throw new LetterlockError("malformed", "a keyId or slot is 43 characters of base64url");
}

function absent(error: unknown): undefined {
  if (isCode(error, "ENOENT")) return undefined;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
