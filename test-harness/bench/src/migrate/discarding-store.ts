import type { EnvelopeStore, StoredObject } from "@letterlock/migrate";

/** Lists the same object under as many ids as wanted, and forgets what is written: what a run keeps in memory is its own. */
export function discardingStore(objects: number, object: Uint8Array): EnvelopeStore {
  const stored = (id: string): StoredObject => ({
    ...{ id, version: "1", size: object.length, cursor: id },
    read: async () => object.slice(),
    readHead: async (bytes) => object.slice(0, bytes),
  });
  return {
    description: "objects that are forgotten",
    partitions: async () => ["all"],
    async *scan(_partition, { after = "0", signal }) {
      for (let id = Number(after) + 1; id <= objects; id++) {
        signal?.throwIfAborted();
        yield stored(String(id));
      }
    },
    replace: async () => "replaced",
  };
}
