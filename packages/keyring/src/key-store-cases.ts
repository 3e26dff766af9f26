import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createDataKey, inspect, localKek } from "@letterlock/core";
import type { KeyStore, StoredKey } from "./key-store.ts";

/** A sentence about a key store, and its proof. `open` gives one more client of the same store, as another process would have. */
export interface KeyStoreCase {
  readonly id: string;
  /** Finishes the sentence "the key store …". */
  readonly title: string;
  run(open: () => Promise<KeyStore>): Promise<void>;
}

/** The contract of `KeyStore`, for any test runner. Each case uses slots of its own, so that a store with something in it can be judged too. */
export const keyStoreCases: readonly KeyStoreCase[] = [
  {
    id: "keeps",
    title: "gives back what was created, to other clients too",
    async run(open) {
      const [store, other] = [await open(), await open()];
      const [slot, blob] = [newSlot(), await newBlob()];
      const before = Date.now();
      const created = await store.create(slot, blob, undefined);
      strictEqual(created.created, true);
      for (const client of [store, other]) {
        for (const key of [await client.get(inspect(blob).keyId), await client.current(slot)]) {
          strictEqual(key?.keyId, inspect(blob).keyId);
          strictEqual(key.slot, slot);
          strictEqual(key.sequence, 1);
          deepStrictEqual(Buffer.from(key.blob), Buffer.from(blob));
          strictEqual(
            key.createdAt > before - 60_000 && key.createdAt < Date.now() + 60_000,
            true,
            "createdAt is not milliseconds since 1970",
          );
        }
      }
    },
  },
  {
    id: "tells-what-is-not-there",
    title: "gives undefined for a key and a slot that are not there",
    async run(open) {
      const store = await open();
      strictEqual(await store.get(inspect(await newBlob()).keyId), undefined);
      strictEqual(await store.current(newSlot()), undefined);
      deepStrictEqual([...(await store.destroy(newSlot()))], []);
      strictEqual(await store.replace(inspect(await newBlob()).keyId, await newBlob(), await newBlob()), "gone");
    },
  },
  {
    id: "arbitrates-first",
    title: "creates one key when many clients make the first of a slot at the same time, and tells the others which",
    async run(open) {
      const clients = await Promise.all(Array.from({ length: 5 }, open));
      const slot = newSlot();
      const blobs = await Promise.all(Array.from({ length: 25 }, newBlob));
      const results = await Promise.all(blobs.map((blob, i) => (clients[i % clients.length] as KeyStore).create(slot, blob, undefined)));
      strictEqual(results.filter(({ created }) => created).length, 1);
      strictEqual(new Set(results.map(({ key }) => key?.keyId)).size, 1);
      strictEqual((await collect(clients[0] as KeyStore, slot)).length, 1);
    },
  },
  {
    id: "arbitrates-next",
    title: "creates one successor of a key, and only of the current one",
    async run(open) {
      const [store, other] = [await open(), await open()];
      const slot = newSlot();
      const first = await newBlob();
      await store.create(slot, first, undefined);
      const blobs = await Promise.all(Array.from({ length: 10 }, newBlob));
      const results = await Promise.all(blobs.map((blob, i) => (i % 2 === 0 ? store : other).create(slot, blob, inspect(first).keyId)));
      strictEqual(results.filter(({ created }) => created).length, 1);
      const current = await store.current(slot);
      strictEqual(current?.sequence, 2);
      notStrictEqual(current.keyId, inspect(first).keyId);
      const late = await store.create(slot, await newBlob(), inspect(first).keyId);
      strictEqual(late.created, false);
      strictEqual(late.key?.keyId, current.keyId);
      const wrong = await store.create(slot, await newBlob(), undefined);
      strictEqual(wrong.created, false);
      strictEqual((await store.get(inspect(first).keyId))?.sequence, 1);
    },
  },
  {
    id: "replaces-what-was-read",
    title: "replaces a blob only if it is still what was read, and once",
    async run(open) {
      const [store, other] = [await open(), await open()];
      const slot = newSlot();
      const blob = await newBlob();
      const { keyId } = inspect(blob);
      await store.create(slot, blob, undefined);
      const changed = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? store : other).replace(keyId, blob, changedBlob(blob, i))),
      );
      strictEqual(changed.filter((outcome) => outcome === "replaced").length, 1);
      strictEqual(changed.filter((outcome) => outcome === "conflict").length, 9);
      const stored = await store.get(keyId);
      strictEqual(stored?.slot, slot);
      strictEqual(stored.sequence, 1);
      notStrictEqual(Buffer.compare(stored.blob, blob), 0);
      strictEqual(await other.replace(keyId, blob, changedBlob(blob, 77)), "conflict");
      strictEqual(await other.replace(keyId, stored.blob, changedBlob(blob, 78)), "replaced");
      deepStrictEqual(Buffer.from((await store.current(slot))?.blob ?? []), Buffer.from(changedBlob(blob, 78)));
    },
  },
  {
    id: "lists",
    title: "lists every key once, in the order of keyIds, and goes on after one",
    async run(open) {
      const store = await open();
      const slots = Array.from({ length: 30 }, newSlot);
      await Promise.all(slots.map(async (slot) => store.create(slot, await newBlob(), undefined)));
      const own = new Set(slots);
      const all: StoredKey[] = [];
      for await (const key of store.list()) all.push(key);
      const keyIds = all.map(({ keyId }) => keyId);
      deepStrictEqual(keyIds, [...new Set(keyIds)].sort());
      strictEqual(all.filter(({ slot }) => own.has(slot)).length, 30);
      const middle = keyIds[Math.floor(keyIds.length / 2)];
      const rest: string[] = [];
      for await (const { keyId } of store.list({ after: middle })) rest.push(keyId);
      deepStrictEqual(rest, keyIds.slice(Math.floor(keyIds.length / 2) + 1));
    },
  },
  {
    id: "lists-while-written",
    title: "lists what exists during the whole listing, whatever is created and destroyed meanwhile",
    async run(open) {
      const [store, other] = [await open(), await open()];
      const staying = Array.from({ length: 20 }, newSlot);
      const leaving = Array.from({ length: 20 }, newSlot);
      await Promise.all([...staying, ...leaving].map(async (slot) => store.create(slot, await newBlob(), undefined)));
      const seen: string[] = [];
      for await (const { slot } of store.list()) {
        seen.push(slot);
        const gone = leaving.pop();
        if (gone === undefined) continue;
        await other.destroy(gone);
        await other.create(newSlot(), await newBlob(), undefined);
      }
      for (const slot of staying) strictEqual(seen.filter((one) => one === slot).length, 1);
    },
  },
  {
    id: "destroys",
    title: "destroys every key of a slot and no other, for all clients, and starts the slot anew",
    async run(open) {
      const [store, other] = [await open(), await open()];
      const [slot, kept] = [newSlot(), newSlot()];
      const [first, second, third] = [await newBlob(), await newBlob(), await newBlob()];
      await store.create(kept, third, undefined);
      await store.create(slot, first, undefined);
      await store.create(slot, second, inspect(first).keyId);
      const destroyed = await other.destroy(slot);
      deepStrictEqual([...destroyed].sort(), [inspect(first).keyId, inspect(second).keyId].sort());
      for (const blob of [first, second]) strictEqual(await store.get(inspect(blob).keyId), undefined);
      strictEqual(await store.current(slot), undefined);
      strictEqual(await store.replace(inspect(second).keyId, second, changedBlob(second, 1)), "gone");
      deepStrictEqual(await store.create(slot, await newBlob(), inspect(second).keyId), { created: false, key: undefined });
      strictEqual((await store.get(inspect(third).keyId))?.slot, kept);
      strictEqual((await store.create(slot, await newBlob(), undefined)).created, true);
    },
  },
  {
    id: "destroys-together",
    title: "does not say that a slot is destroyed before its keys are gone, to none of those that destroy it at the same time",
    async run(open) {
      const clients = await Promise.all(Array.from({ length: 3 }, open));
      const [slot, keyIds] = [newSlot(), [] as string[]];
      for (let i = 0; i < 10; i++) {
        const { key } = await (clients[0] as KeyStore).create(slot, await newBlob(), keyIds.at(-1));
        keyIds.push(String(key?.keyId));
      }
      const left = await Promise.all(
        clients.map(async (client) => {
          await client.destroy(slot);
          return (await Promise.all(keyIds.map((keyId) => client.get(keyId)))).filter((key) => key !== undefined);
        }),
      );
      deepStrictEqual(left, [[], [], []]);
    },
  },
  {
    id: "shares-no-buffer",
    title: "shares no buffer with its caller",
    async run(open) {
      const store = await open();
      const blob = await newBlob();
      const original = Buffer.from(blob);
      const { keyId } = inspect(blob);
      const { key } = await store.create(newSlot(), blob, undefined);
      blob.fill(0);
      key?.blob.fill(0);
      (await store.get(keyId))?.blob.fill(0);
      deepStrictEqual(Buffer.from((await store.get(keyId))?.blob ?? []), original);
    },
  },
];

/** 43 characters, as the ring derives them. */
function newSlot(): string {
  return createHash("sha256").update(randomBytes(16)).digest("base64url");
}

async function newBlob(): Promise<Uint8Array> {
  const { key, blob } = await createDataKey([localKek({ name: "store-cases", secret: new Uint8Array(randomBytes(32)) })]);
  key[Symbol.dispose]();
  return blob;
}

/** A key blob of the same key with other bytes at its end: what its header says of the key stays. */
function changedBlob(blob: Uint8Array, by: number): Uint8Array {
  const changed = blob.slice();
  changed[changed.length - 1] = ((changed.at(-1) ?? 0) + 1 + by) % 256;
  return changed;
}

async function collect(store: KeyStore, slot: string): Promise<StoredKey[]> {
  const keys: StoredKey[] = [];
  for await (const key of store.list()) if (key.slot === slot) keys.push(key);
  return keys;
}
