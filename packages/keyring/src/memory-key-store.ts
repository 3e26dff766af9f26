import { inspect } from "@letterlock/core";
import type { KeyStore, StoredKey } from "./key-store.ts";

/** A key store in this process: for tests, and for keys that may end with it. Blobs are copied in and out. */
export function memoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>();
  const slots = new Map<string, string[]>();
  const currentOf = (slot: string): StoredKey | undefined => keys.get(slots.get(slot)?.at(-1) ?? "");
  return {
    async get(keyId) {
      return copied(keys.get(keyId));
    },
    async current(slot) {
      return copied(currentOf(slot));
    },
    async create(slot, blob, after) {
      const current = currentOf(slot);
      if (current?.keyId !== after) return { created: false, key: copied(current) };
      const key = { keyId: inspect(blob).keyId, slot, sequence: (current?.sequence ?? 0) + 1, createdAt: Date.now(), blob: blob.slice() };
      keys.set(key.keyId, key);
      slots.set(slot, [...(slots.get(slot) ?? []), key.keyId]);
      return { created: true, key: { ...key, blob: blob.slice() } };
    },
    async replace(keyId, expected, blob) {
      const key = keys.get(keyId);
      if (key === undefined) return "gone";
      if (Buffer.compare(key.blob, expected) !== 0) return "conflict";
      keys.set(keyId, { ...key, blob: blob.slice() });
      return "replaced";
    },
    async *list({ after = "" } = {}) {
      for (const keyId of [...keys.keys()].sort()) {
        const key = keyId > after ? copied(keys.get(keyId)) : undefined;
        if (key !== undefined) yield key;
      }
    },
    async destroy(slot) {
      const destroyed = slots.get(slot) ?? [];
      slots.delete(slot);
      for (const keyId of destroyed) keys.delete(keyId);
      return destroyed;
    },
  };
}

function copied(key: StoredKey | undefined): StoredKey | undefined {
  return key === undefined ? undefined : { ...key, blob: key.blob.slice() };
}
