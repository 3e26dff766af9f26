import { inspect } from "@letterlock/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeyring, type KeyringOptions, type KeyringPolicy } from "../src/index.ts";
import { acme, collect, makeRing, message, other } from "./support/rings.ts";

describe("a ring", () => {
  test("seals and opens with one call for a context, in records of 76 bytes more", async () => {
    const { ring, switched } = makeRing();
    const records = await Promise.all(Array.from({ length: 50 }, () => ring.seal(message, acme)));
    for (const record of records) {
      expect(record).toHaveLength(message.length + 76);
      expect(await ring.open(record, acme)).toEqual(message);
    }
    expect(switched.calls).toEqual(["wrap"]);
  });

  test("opens in another process with one call", async () => {
    const { ring, switched, process } = makeRing();
    const record = await ring.seal(message, acme);
    const second = process();
    switched.calls.length = 0;
    const opened = await Promise.all(Array.from({ length: 50 }, () => second.open(record, acme)));
    expect(opened).toEqual(Array.from({ length: 50 }, () => message));
    expect(switched.calls).toEqual(["unwrap"]);
  });

  test("has a key of its own for each context, and mixes none up", async () => {
    const { ring } = makeRing();
    const record = await ring.seal(message, acme);
    const foreign = await ring.seal(message, other);
    expect(inspect(record).keyId).not.toBe(inspect(foreign).keyId);
    await expect(ring.open(record, other)).rejects.toMatchObject({ code: "context-mismatch" });
    await expect(ring.open(record, { ...acme, aad: "users/2" })).rejects.toMatchObject({ code: "not-authentic" });
    expect(ring.openSync(record, other)).toBeUndefined();
  });

  test("takes contexts with the same pairs for the same", async () => {
    const { ring } = makeRing();
    const record = await ring.seal(message, { context: { a: "1", b: "2" }, aad: "" });
    expect(await ring.open(record, { context: { b: "2", a: "1" }, aad: "" })).toEqual(message);
    await expect(ring.open(record, { context: { a: "1b", "": "2" }, aad: "" })).rejects.toMatchObject({ code: "context-mismatch" });
  });

  test("creates the key of a context once, however many processes start together", async () => {
    const { switched, store, process } = makeRing();
    const processes = Array.from({ length: 20 }, process);
    const records = await Promise.all(processes.flatMap((ring) => Array.from({ length: 50 }, () => ring.seal(message, acme))));
    expect(new Set(records.map((record) => inspect(record).keyId)).size).toBe(1);
    expect(await collect(store.list())).toHaveLength(1);
    expect(switched.calls.filter((operation) => operation === "wrap").length).toBeLessThanOrEqual(20);
    for (const ring of processes) for (const record of records.slice(0, 3)) expect(await ring.open(record, acme)).toEqual(message);
  });

  test("seals and opens at once when the key is warm, and says so when it is not", async () => {
    const { ring } = makeRing();
    expect(ring.sealSync(message, acme)).toBeUndefined();
    const record = await ring.seal(message, acme);
    const again = ring.sealSync(message, acme);
    expect(again).toHaveLength(message.length + 76);
    expect(ring.openSync(again ?? record, acme)).toEqual(message);
    const handle = ring.forContext(acme.context);
    expect(handle.openSync(handle.sealSync(message, { aad: "x" }) ?? record, { aad: "x" })).toEqual(message);
  });

  test("keeps no more keys than it may, and all go on working", async () => {
    const { ring } = makeRing({ memory: { maxAgeMs: 60_000, maxKeys: 3 } });
    const calls = Array.from({ length: 40 }, (_, i) => ({ context: { tenant: `${i}` }, aad: "" }));
    const records = await Promise.all(calls.map((call) => ring.seal(message, call)));
    expect(ring.status().keysInMemory).toBeLessThanOrEqual(3);
    const opened = await Promise.all(calls.map((call, i) => ring.open(records[i] ?? message, call)));
    expect(opened).toEqual(calls.map(() => message));
  });

  test("refuses use after it was disposed", async () => {
    const { ring } = makeRing();
    const record = await ring.seal(message, acme);
    const handle = ring.forContext(acme.context);
    ring[Symbol.dispose]();
    await expect(ring.seal(message, acme)).rejects.toThrow(TypeError);
    await expect(ring.open(record, acme)).rejects.toThrow(TypeError);
    expect(() => ring.sealSync(message, acme)).toThrow(TypeError);
    expect(() => ring.openSync(record, acme)).toThrow(TypeError);
    expect(() => ring.forContext(acme.context)).toThrow(TypeError);
    expect(() => handle.sealSync(message, { aad: "" })).toThrow("disposed");
    expect(() => ring.stale()).toThrow(TypeError);
    await expect(ring.refresh()).rejects.toThrow(TypeError);
    await expect(ring.rewrap({ from: [], to: [] })).rejects.toThrow(TypeError);
    await expect(ring.destroy(acme.context)).rejects.toThrow(TypeError);
    expect(ring.status().keysInMemory).toBe(0);
  });

  test("opens records of several keys of a context in any order, from memory", async () => {
    const { ring, switched } = makeRing({ newKeyAfter: { messages: 2 } });
    const records: Uint8Array[] = [];
    for (let i = 0; i < 6; i++) records.push(await ring.seal(message, acme));
    const calls = switched.calls.length;
    for (const at of [0, 1, 5, 0, 3, 2, 2, 4, 5]) expect(ring.openSync(records[at] ?? message, acme)).toEqual(message);
    expect(switched.calls.length).toBe(calls);
    const [first, , third] = records;
    if (first === undefined || third === undefined) throw new Error("there are six");
    // It begins as those of one key do, and ends as another's.
    const mixed = Uint8Array.from([...first.subarray(0, 30), ...third.subarray(30)]);
    expect(ring.openSync(first, acme)).toEqual(message);
    expect(ring.openSync(mixed, acme)).toBeUndefined();
    await expect(ring.open(mixed, acme)).rejects.toMatchObject({ code: "unknown-key" });
    expect(() => ring.openSync(first.with(-1, 1 ^ (first.at(-1) ?? 0)), acme)).toThrow(expect.objectContaining({ code: "not-authentic" }));
    expect(() => ring.openSync(first.subarray(0, 30), acme)).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("refuses options that it does not have", async () => {
    const { ring } = makeRing();
    const record = await ring.seal(message, acme);
    const wrong = { ...acme, add: "users/2" };
    await expect(ring.seal(message, wrong)).rejects.toThrow(TypeError);
    await expect(ring.open(record, wrong)).rejects.toThrow(TypeError);
    expect(() => ring.sealSync(message, wrong)).toThrow(TypeError);
    expect(() => ring.openSync(record, wrong)).toThrow(TypeError);
    expect(() => ring.forContext(acme.context).openSync(record, other)).toThrow(TypeError);
    expect(() => ring.sealSync(message, { context: acme.context } as typeof acme)).toThrow(TypeError);
    for (const options of [{ keks: [] }, { store: {} }, { cache: {} }]) {
      const { switched, store } = makeRing();
      const good = { keks: [switched.kek], store, policy: { memory: { maxAgeMs: 1, maxKeys: 1 } } };
      expect(() => createKeyring({ ...good, ...options } as KeyringOptions)).toThrow(TypeError);
    }
  });

  test.each([
    [{ memory: undefined }, TypeError],
    [{ memory: { maxAgeMs: -1, maxKeys: 1 } }, RangeError],
    [{ memory: { maxAgeMs: 1, maxKeys: 0 } }, RangeError],
    [{ memory: { maxAgeMs: Number.NaN, maxKeys: 1 } }, RangeError],
    [{ grace: 1 }, TypeError],
    [{ graceMs: -1 }, RangeError],
    [{ newKeyAfter: { age: 1 } }, TypeError],
    [{ newKeyAfter: { messages: 0 } }, RangeError],
    [{ newKeyAfter: { rotation: true } }, TypeError],
    [{ hierarchy: "tenant" }, TypeError],
    [{ renewalMs: 0 }, RangeError],
    [{ watchVersionsMs: 2 ** 31 }, RangeError],
  ])("refuses the policy %j", (policy, error) => {
    expect(() => makeRing(policy as Partial<KeyringPolicy>)).toThrow(error);
  });

  test("refuses what is no record, and a key of another store", async () => {
    const { ring } = makeRing();
    await expect(ring.open(new Uint8Array(100), acme)).rejects.toMatchObject({ code: "malformed" });
    const record = await makeRing().ring.seal(message, acme);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unknown-key" });
  });
});

describe("new keys", () => {
  test("come after the messages of the policy, and the old ones go on opening", async () => {
    const { ring, store } = makeRing({ newKeyAfter: { messages: 3 } });
    const records: Uint8Array[] = [];
    for (let i = 0; i < 7; i++) records.push(await ring.seal(message, acme));
    expect(new Set(records.map((record) => inspect(record).keyId)).size).toBe(3);
    for (const record of records) expect(await ring.open(record, acme)).toEqual(message);
    expect((await collect(store.list())).map(({ sequence }) => sequence).sort()).toEqual([1, 2, 3]);
  });

  test("come after the messages of the policy also for those who wait together", async () => {
    const { ring, store } = makeRing({ newKeyAfter: { messages: 3 } });
    const records = await Promise.all(Array.from({ length: 10 }, () => ring.seal(message, acme)));
    const uses = Object.values(Object.groupBy(records, (record) => inspect(record).keyId)).map((list) => list?.length);
    expect(uses.sort()).toEqual([1, 3, 3, 3]);
    expect(await collect(store.list())).toHaveLength(4);
    for (const record of records) expect(await ring.open(record, acme)).toEqual(message);
  });

  test("come after the bytes of the policy", async () => {
    const { ring, store } = makeRing({ newKeyAfter: { bytes: 150 } });
    for (let i = 0; i < 4; i++) await ring.seal(message, acme);
    expect(await collect(store.list())).toHaveLength(2);
  });

  describe("by age", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
    afterEach(() => void vi.useRealTimers());

    test("come for a process that starts later, too", async () => {
      const { ring, store, process } = makeRing({ newKeyAfter: { ageMs: 1_000 } });
      await ring.seal(message, acme);
      vi.advanceTimersByTime(1_001);
      await process().seal(message, acme);
      await ring.seal(message, acme);
      expect(await collect(store.list())).toHaveLength(2);
    });
  });
});
