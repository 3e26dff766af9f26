import { inspect } from "@letterlock/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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
    expect(() => handle.sealSync(message, acme)).toThrow(TypeError);
    expect(() => ring.stale()).toThrow(TypeError);
    await expect(ring.refresh()).rejects.toThrow(TypeError);
    await expect(ring.rewrap({ from: [], to: [] })).rejects.toThrow(TypeError);
    await expect(ring.destroy(acme.context)).rejects.toThrow(TypeError);
    expect(ring.status().keysInMemory).toBe(0);
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
