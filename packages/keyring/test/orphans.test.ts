import { inspect } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { memoryKeyStore } from "../src/index.ts";
import { gatedStore } from "./support/gated-store.ts";
import { acme, makeRing, message } from "./support/rings.ts";

const users = { context: { tenant: "acme", table: "users" }, aad: "" };
const policy = { hierarchy: ["tenant"] };

describe("a data key whose intermediate KEK is gone", () => {
  test("is followed by the next one, and what others sealed under that stays", async () => {
    const store = memoryKeyStore();
    const gate = gatedStore(store);
    const { switched, process } = makeRing(policy, undefined, store);
    await process().seal(message, acme);
    const slow = makeRing(policy, switched, gate.store).ring;
    const { promise: created, resolve: tell } = Promise.withResolvers<void>();
    const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
    gate.after = async (member) => {
      if (member !== "create") return;
      tell();
      await go;
    };
    const sealing = slow.seal(message, users);
    await created;
    gate.after = async () => undefined;
    await process().destroy({ tenant: "acme" });
    const back = process();
    const record = await back.seal(message, users);
    expect(await process().open(record, users)).toEqual(message);
    goOn();
    const late = await sealing;
    for (const one of [record, late, await back.seal(message, users)]) expect(await process().open(one, users)).toEqual(message);
  });

  test.each(["cold", "warm"])("does not stop a context for good: a %s process makes a new one", async (kind) => {
    const { ring, store, process } = makeRing(policy);
    const first = await ring.seal(message, users);
    const info = inspect((await store.get(inspect(first).keyId))?.blob ?? message);
    const parent = info.type === "key-blob" ? info.header.recipients[0]?.keyRef : undefined;
    const slot = (await store.get(parent ?? ""))?.slot ?? "";
    const sealing = kind === "cold" ? process() : ring;
    // The warm one has the intermediate KEK, and not the data key, in memory.
    const lonely = { context: { tenant: "acme", table: "lonely" }, aad: "" };
    const orphan = await process().seal(message, lonely);
    expect(await store.destroy(slot)).toEqual([parent]);
    const record = await sealing.seal(message, lonely);
    expect(inspect(record).keyId).not.toBe(inspect(orphan).keyId);
    expect(await process().open(record, lonely)).toEqual(message);
    await expect(process().open(orphan, lonely)).rejects.toMatchObject({
      code: "no-matching-kek",
      message: expect.stringContaining("intermediate KEK that was destroyed"),
    });
  });
});

describe("a hierarchy that was changed", () => {
  test("opens what was sealed for a context that it does not cover", async () => {
    const plain = { context: { table: "global" }, aad: "" };
    const { ring, switched, store } = makeRing();
    const record = await ring.seal(message, plain);
    const changed = makeRing(policy, switched, store).ring;
    expect(await changed.open(record, plain)).toEqual(message);
    await expect(changed.seal(message, { context: { area: "x" }, aad: "" })).rejects.toThrow(TypeError);
  });

  test.each([{}, { hierarchy: [] }, { hierarchy: ["tenant", "table"] }])("says so where it has no KEK for a key (%j)", async (next) => {
    const { ring, switched, store } = makeRing(policy);
    const record = await ring.seal(message, users);
    const changed = makeRing(next, switched, store).ring;
    const refusal = { code: "no-matching-kek", message: expect.stringContaining("a change of hierarchy") };
    await expect(changed.open(record, users)).rejects.toMatchObject(refusal);
    await expect(changed.seal(message, users)).rejects.toMatchObject(refusal);
  });

  test("takes __proto__ for a name like any other", async () => {
    const { ring } = makeRing({ hierarchy: ["__proto__"] });
    for (const tenant of ["a", "b"]) await ring.seal(message, { context: JSON.parse(`{"__proto__":"${tenant}"}`), aad: "" });
    expect(ring.status().intermediatesInMemory).toBe(2);
    await expect(ring.seal(message, acme)).rejects.toThrow(TypeError);
  });
});

test("intermediate KEKs that are over their age are not counted", async () => {
  const { ring } = makeRing({ ...policy, memory: { maxAgeMs: 30, maxKeys: 10 } });
  await ring.seal(message, acme);
  expect(ring.status().intermediatesInMemory).toBe(1);
  await expect.poll(() => ring.status().intermediatesInMemory).toBe(0);
});
