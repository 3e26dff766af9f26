import { readFile, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { fromText, LetterlockError, toText } from "@letterlock/core";
import { absent, names, syncFolder } from "./durable-files.ts";
import type { StoredKey } from "./key-store.ts";

/** The folders of keys in a file store: one for each key, of numbered versions, of which the highest is the key. */
export interface KeyFolders {
  path(keyId: string): string;
  keyIds(): Promise<string[]>;
  /** The name of the highest version. */
  version(keyId: string): Promise<string | undefined>;
  /** One that is damaged has an empty blob, and tells nothing of itself. */
  read(keyId: string): Promise<StoredKey | undefined>;
  parsed(keyId: string, path: string): Promise<StoredKey | undefined>;
  /** A `LetterlockError` "malformed" for one that is damaged. */
  get(keyId: string): Promise<StoredKey | undefined>;
  dropOlder(keyId: string): Promise<void>;
  remove(keyId: string): Promise<void>;
  sync(): Promise<void>;
}

export function keyFolders(folder: string): KeyFolders {
  const path = (keyId: string): string => join(folder, safe(keyId));
  const version = (keyId: string): Promise<string | undefined> => highest(path(keyId));
  const parsed = async (keyId: string, file: string): Promise<StoredKey | undefined> => {
    const text = await readFile(file, "utf8").catch(absent);
    return text === undefined ? undefined : keyIn(keyId, text);
  };
  const read = async (keyId: string): Promise<StoredKey | undefined> => {
    for (;;) {
      const name = await version(keyId);
      if (name === undefined) return undefined;
      const key = await parsed(keyId, join(path(keyId), name));
      if (key !== undefined) return key;
    }
  };
  return {
    path,
    version,
    parsed,
    read,
    keyIds: async () => (await names(folder)).filter(isName).sort(),
    async get(keyId) {
      const key = await read(keyId);
      if (key?.blob.length !== 0) return key;
      throw new LetterlockError("malformed", `the file of the key ${keyId} is damaged: restore it from a backup`);
    },
    async dropOlder(keyId) {
      const newest = await version(keyId);
      for (const name of await numbers(path(keyId))) {
        if (newest !== undefined && name < newest) await unlink(join(path(keyId), name)).catch(absent);
      }
    },
    // A version that somebody writes meanwhile is another thing to remove.
    remove: (keyId) => rm(path(keyId), { recursive: true, force: true, maxRetries: 5 }),
    sync: () => syncFolder(folder),
  };
}

/** Digits sort as numbers do. */
export function numbered(value: number): string {
  return String(value).padStart(12, "0");
}

/** Sorted. Anything else in the folder is not ours. */
export async function numbers(folder: string): Promise<string[]> {
  return (await names(folder)).filter((name) => /^\d{12}$/.test(name)).sort();
}

async function highest(folder: string): Promise<string | undefined> {
  return (await numbers(folder)).at(-1);
}

export function isName(name: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(name);
}

/** KeyIds and slots are 43 characters of base64url: nothing else becomes a path. */
export function safe(name: string): string {
  if (isName(name)) return name;
  throw new LetterlockError("malformed", "a keyId or slot is 43 characters of base64url");
}

export function keyText({ slot, sequence, createdAt, blob }: StoredKey): string {
  return JSON.stringify({ slot, sequence, createdAt, blob: toText(blob) });
}

function keyIn(keyId: string, text: string): StoredKey {
  const damaged: StoredKey = { keyId, slot: "", sequence: 0, createdAt: 0, blob: new Uint8Array() };
  try {
    const { slot, sequence, createdAt, blob } = JSON.parse(text) as { readonly [name in keyof StoredKey]?: unknown };
    if (typeof slot !== "string" || typeof sequence !== "number" || typeof createdAt !== "number") return damaged;
    return { keyId, slot, sequence, createdAt, blob: fromText(String(blob)) };
  } catch {
    return damaged;
  }
}
