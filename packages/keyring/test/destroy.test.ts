import { inspect } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { createKeyring, memoryKeyStore } from "../src/index.ts";
import { gatedStore } from "./support/gated-store.ts";
import { acme, collect, disposedLater, makeRing, message, other } from "./support/rings.ts";
import { switchedKek } from "./support/switched-kek.ts";

const users = { context: { tenant: "acme", table: "users" }, aad: "" };

describe("destroy", () => {
  test.each([{}, { hierarchy: ["tenant"] }])("makes every record of the context unopenable at once, and no other (%j)", async (policy) => {
    const { ring, process } = makeRing(policy);
    const records = [await ring.seal(message, acme), await ring.seal(message, users)] as const;
    const kept = await ring.seal(message, other);
    const { keyIds, unreadable } = await ring.destroy({ tenant: "acme" });
    expect(keyIds).toEqual(expect.arrayContaining(records.map((record) => inspect(record).keyId)));
    expect(keyIds).toHaveLength("hierarchy" in policy ? 3 : 2);
    expect(unreadable).toEqual([]);
    for (const one of [ring, process()]) {
      expect(one.openSync(records[0], acme)).toBeUndefined();
      await expect(one.open(records[0], acme)).rejects.toMatchObject({ code: "unknown-key" });
      await expect(one.open(records[1], users)).rejects.toMatchObject({ code: "unknown-key" });
      expect(await one.open(kept, other)).toEqual(message);
      expect(await one.open(await one.seal(message, acme), acme)).toEqual(message);
    }
    expect(await ring.destroy({ tenant: "nobody" })).toEqual({ keyIds: [], unreadable: [] });
  });

  test("ends elsewhere with the age of the keys in memory", async () => {
    const { ring, process } = makeRing({ memory: { maxAgeMs: 40, maxKeys: 10 }, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    const elsewhere = process();
    await elsewhere.open(record, acme);
    await ring.destroy(acme.context);
    await expect
      .poll(() => elsewhere.open(record, acme).catch((error: unknown) => error), { interval: 5, timeout: 1_000 })
      .toMatchObject({ code: "unknown-key" });
    expect(elsewhere.status().keysInMemory).toBe(0);
  });

  test("ends a handle, too, which then seals under a new key", async () => {
    const { ring } = makeRing();
    const handle = ring.forContext(acme.context);
    const record = await handle.seal(message, { aad: "" });
    await ring.destroy(acme.context);
    expect(handle.sealSync(message, { aad: "" })).toBeUndefined();
    expect(handle.openSync(record, { aad: "" })).toBeUndefined();
    await expect(handle.open(record, { aad: "" })).rejects.toMatchObject({ code: "unknown-key" });
    expect(await handle.open(await handle.seal(message, { aad: "" }), { aad: "" })).toEqual(message);
  });

  test("refuses to destroy everything", async () => {
    await expect(makeRing().ring.destroy({})).rejects.toThrow(TypeError);
  });

  test.each(["get", "unwrap"] as const)("is not outlived by an opening that was under way, in the middle of its %s", async (moment) => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched, process } = makeRing({}, undefined, gate.store);
    const record = await ring.seal(message, acme);
    const foreign = await ring.seal(message, other);
    const cold = process();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
    const pause = async (): Promise<void> => {
      reach();
      await go;
    };
    if (moment === "get") gate.after = async (member) => (member === "get" ? pause() : undefined);
    else switched.pause = pause;
    const opening = cold.open(record, acme);
    const untouched = cold.open(foreign, other);
    opening.catch(() => undefined);
    await reached;
    await cold.destroy(acme.context);
    goOn();
    await expect(opening).rejects.toMatchObject({ code: "unknown-key" });
    expect(await untouched).toEqual(message);
    expect(cold.openSync(record, acme)).toBeUndefined();
  });

  test("does not disturb the openings of others, however often it is called", async () => {
    const { ring, switched, process } = makeRing();
    const record = await ring.seal(message, other);
    const cold = process();
    for (let i = 0; i < 3; i++) {
      switched.pause = async () => void (await cold.destroy(acme.context));
      const calls = switched.calls.length;
      expect(await process().open(record, other)).toEqual(message);
      expect(await cold.open(record, other)).toEqual(message);
      expect(switched.calls.length - calls).toBeLessThanOrEqual(2);
    }
  });

  test("leaves no data key under an intermediate KEK that is gone, whenever it comes", async () => {
    for (const moment of ["create", "current", "get"] as const) {
      const gate = gatedStore(memoryKeyStore());
      const policy = { hierarchy: ["tenant"] };
      const { ring, process } = makeRing(policy, undefined, gate.store);
      await ring.seal(message, acme);
      const elsewhere = process();
      let isDestroyed = false;
      gate.before = async (member) => {
        if (member !== moment || isDestroyed) return;
        isDestroyed = true;
        await elsewhere.destroy({ tenant: "acme" });
      };
      const record = await ring.seal(message, users);
      gate.before = async () => undefined;
      expect(isDestroyed, moment).toBe(true);
      expect(await process().open(record, users), moment).toEqual(message);
      expect(await process().open(await process().seal(message, users), users)).toEqual(message);
    }
  });

  test("takes what others made while it read the list", async () => {
    const inner = memoryKeyStore();
    const store = { ...inner };
    const { ring, process } = makeRing({}, undefined, store);
    await ring.seal(message, acme);
    const elsewhere = process();
    let late: Uint8Array | undefined;
    store.list = async function* (options) {
      yield* inner.list(options);
      late ??= await elsewhere.seal(message, users);
    };
    const { keyIds } = await ring.destroy({ tenant: "acme" });
    expect(keyIds).toContain(inspect(late ?? message).keyId);
    expect(await collect(inner.list())).toEqual([]);
  });

  test("does not stop at a damaged blob, and names it", async () => {
    const inner = memoryKeyStore();
    const { ring } = makeRing({}, undefined, inner);
    const record = await ring.seal(message, acme);
    const { keyId } = inspect(await ring.seal(message, other));
    const stored = await inner.get(keyId);
    if (stored === undefined) throw new Error("it was just created");
    await inner.replace(keyId, stored.blob, stored.blob.with(0, 1));
    expect(await Array.fromAsync(ring.stale())).toEqual([{ keyId, context: undefined, recipients: [] }]);
    expect(await ring.destroy({ tenant: "acme" })).toEqual({ keyIds: [inspect(record).keyId], unreadable: [keyId] });
    expect((await ring.refresh()).failures).toEqual([{ keyId, status: "failed", code: "malformed" }]);
  });

  test("is not undone where the store fails half-way: here nothing opens from memory, and a second call ends it", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring } = makeRing({}, undefined, gate.store);
    const record = await ring.seal(message, acme);
    gate.before = async (member) => (member === "destroy" ? Promise.reject(new Error("the disk is full")) : undefined);
    await expect(ring.destroy(acme.context)).rejects.toMatchObject({ code: "provider-error" });
    expect(ring.openSync(record, acme)).toBeUndefined();
    gate.before = async () => undefined;
    expect((await ring.destroy(acme.context)).keyIds).toEqual([inspect(record).keyId]);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unknown-key" });
  });
});

test("disposing a ring ends what is under way", async () => {
  const switched = switchedKek();
  const store = memoryKeyStore();
  const ring = disposedLater(createKeyring({ keks: [switched.kek], store, policy: { memory: { maxAgeMs: 1_000, maxKeys: 10 } } }));
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  switched.pause = async () => {
    reach();
    await go;
  };
  const sealing = ring.seal(message, acme);
  sealing.catch(() => undefined);
  await reached;
  ring[Symbol.dispose]();
  goOn();
  await expect(sealing).rejects.toThrow(TypeError);
  expect(ring.status().keysInMemory).toBe(0);
  expect(await collect(store.list())).toHaveLength(1);
});
