import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { hashPartitions, isInPartition } from "./hash-partition.ts";

export interface MemoryStore extends EnvelopeStore {
  /** Puts or changes an object, as an application would. Copies the bytes. */
  put(id: string, object: Uint8Array): void;
  get(id: string): Uint8Array | undefined;
  delete(id: string): void;
  /** Every id, sorted. */
  ids(): string[];
}

/** A store that keeps nothing: for tests. */
export function memoryStore(): MemoryStore {
  const objects = new Map<string, { readonly bytes: Uint8Array; readonly version: string }>();
  let versions = 0;
  const put = (id: string, object: Uint8Array): void => {
    versions += 1;
    objects.set(id, { bytes: Uint8Array.from(object), version: String(versions) });
  };
  const ids = (): string[] => [...objects.keys()].sort();
  const replace = (id: string, expected: string, change: (old: Uint8Array) => Uint8Array): Replaced => {
    const now = objects.get(id);
    if (now === undefined) return "gone";
    if (now.version !== expected) return "conflict";
    put(id, change(now.bytes));
    return "replaced";
  };
  return {
    description: "memory",
    put,
    get: (id) => objects.get(id)?.bytes.slice(),
    delete: (id) => void objects.delete(id),
    ids,
    partitions: async (target) => hashPartitions(target),
    async *scan(partition, { after, signal } = {}) {
      for (const id of ids()) {
        signal?.throwIfAborted();
        const object = objects.get(id);
        if (object === undefined || !isInPartition(id, partition) || (after !== undefined && id <= after)) continue;
        yield stored(id, object);
      }
    },
    replace: async (id, expected, object) => replace(id, expected, () => object),
    replaceHead: async (id, expected, { bytes, replaces }) =>
      replace(id, expected, (old) => Buffer.concat([bytes, old.subarray(replaces)])),
  };
}

function stored(id: string, { bytes, version }: { readonly bytes: Uint8Array; readonly version: string }): StoredObject {
  return { id, version, size: bytes.length, cursor: id, read: async () => bytes.slice(), readHead: async (count) => bytes.slice(0, count) };
}
