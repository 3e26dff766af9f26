// A process of its own on a file store: it says "ready", waits for a word, and destroys a slot or creates in slots until it is killed.
import { randomBytes } from "node:crypto";
import { createDataKey, inspect, localKek } from "@letterlock/core";
import { fileKeyStore } from "../../src/index.ts";

const secret = new Uint8Array(randomBytes(32));

export async function newBlob(): Promise<Uint8Array> {
  const { key, blob } = await createDataKey([localKek({ name: "filing", secret })]);
  key[Symbol.dispose]();
  return blob;
}

if (import.meta.filename === process.argv[1]) {
  const [, , folder = "", work = "", ...slots] = process.argv;
  const store = fileKeyStore(folder);
  const blobs = await Promise.all(Array.from({ length: 200 }, newBlob));
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  process.once("message", () => start());
  process.send?.("ready");
  await started;
  if (work === "destroy") for (const slot of slots) await store.destroy(slot);
  for (const [i, blob] of work === "create" ? blobs.entries() : []) {
    const slot = slots[i % slots.length] ?? "";
    const { keyId } = (await store.current(slot)) ?? {};
    if ((await store.create(slot, blob, keyId)).created) await store.replace(inspect(blob).keyId, blob, blob);
  }
  process.send?.("done", () => process.disconnect());
}
