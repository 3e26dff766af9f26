import { randomBytes } from "node:crypto";
import { inspect } from "@letterlock/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeyring, type Keyring, type KeyringPolicy, type KeyStore, memoryKeyStore } from "../src/index.ts";
import { type SwitchedKek, switchedKek } from "./support/switched-kek.ts";

const memory = { maxAgeMs: 60_000, maxKeys: 100 };
const acme = { context: { tenant: "acme" }, aad: "users/1" };
const other = { context: { tenant: "other" }, aad: "users/1" };
const message = new Uint8Array(randomBytes(100));

const rings: Keyring[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring[Symbol.dispose]();
});

function makeRing(policy: Partial<KeyringPolicy> = {}, switched: SwitchedKek = switchedKek(), store: KeyStore = memoryKeyStore()) {
  const ring = createKeyring({ keks: [switched.kek], store, policy: { memory, ...policy } });
  rings.push(ring);
  return { ring, switched, store, process: () => makeRing(policy, switched, store).ring };
}

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
    ring[Symbol.dispose]();
    await expect(ring.seal(message, acme)).rejects.toThrow(TypeError);
    expect(() => ring.openSync(record, acme)).toThrow(TypeError);
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

describe("an outage", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test.each(["unavailable", "throttled"] as const)("is bridged for the grace when the provider is %s, and then named", async (code) => {
    const { ring, switched } = makeRing({ memory: { maxAgeMs: 1_000, maxKeys: 10 }, graceMs: 5_000 });
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = code;
    for (let i = 0; i < 4; i++) {
      expect(await ring.open(record, acme)).toEqual(message);
      expect(await ring.open(await ring.seal(message, acme), acme)).toEqual(message);
      vi.advanceTimersByTime(1_000);
    }
    expect(switched.calls.length).toBeLessThan(8);
    expect(ring.status()).toMatchObject({ healthy: false, keks: [{ lastFailure: { code } }] });
    vi.advanceTimersByTime(2_000);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code, message: expect.stringContaining("away since") });
    await expect(ring.seal(message, acme)).rejects.toMatchObject({ code });
    switched.state = undefined;
    expect(await ring.open(record, acme)).toEqual(message);
    expect(ring.status()).toMatchObject({ healthy: true });
  });

  test("is no excuse for a refusal", async () => {
    const { ring, switched } = makeRing({ memory: { maxAgeMs: 1_000, maxKeys: 10 }, graceMs: 5_000 });
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = "access-denied";
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "access-denied" });
  });

  test("does not serve a key that was destroyed elsewhere", async () => {
    const { ring, switched, process } = makeRing({ memory: { maxAgeMs: 1_000, maxKeys: 10 }, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    await process().destroy(acme.context);
    expect(await ring.open(record, acme)).toEqual(message);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unknown-key" });
    expect(ring.status().keysInMemory).toBe(0);
  });
});

describe("destroy", () => {
  test("makes every record of the context unopenable at once, and no other", async () => {
    const { ring } = makeRing();
    const users = { context: { tenant: "acme", table: "users" }, aad: "" };
    const records = [await ring.seal(message, acme), await ring.seal(message, users)];
    const kept = await ring.seal(message, other);
    const { keyIds } = await ring.destroy({ tenant: "acme" });
    expect(new Set(keyIds)).toEqual(new Set(records.map((record) => inspect(record).keyId)));
    await expect(ring.open(records[0] ?? kept, acme)).rejects.toMatchObject({ code: "unknown-key" });
    await expect(ring.open(records[1] ?? kept, users)).rejects.toMatchObject({ code: "unknown-key" });
    expect(await ring.open(kept, other)).toEqual(message);
    expect(await ring.open(await ring.seal(message, acme), acme)).toEqual(message);
  });

  test("refuses to destroy everything", async () => {
    await expect(makeRing().ring.destroy({})).rejects.toThrow(TypeError);
  });
});

describe("a hierarchy", () => {
  test("makes one call for each tenant in a cold process", async () => {
    const { ring, switched, process } = makeRing({ hierarchy: ["tenant"] });
    const calls = ["a", "b"].flatMap((tenant) => ["x", "y", "z"].map((table) => ({ context: { tenant, table }, aad: "" })));
    const records = await Promise.all(calls.map((call) => ring.seal(message, call)));
    const cold = process();
    switched.calls.length = 0;
    for (const [i, call] of calls.entries()) expect(await cold.open(records[i] ?? message, call)).toEqual(message);
    expect(switched.calls).toEqual(["unwrap", "unwrap"]);
  });

  test("is destroyed with its tenant", async () => {
    const { ring, store } = makeRing({ hierarchy: ["tenant"] });
    const call = { context: { tenant: "a", table: "x" }, aad: "" };
    const record = await ring.seal(message, call);
    await ring.destroy({ tenant: "a" });
    expect(await collect(store.list())).toEqual([]);
    await expect(ring.open(record, call)).rejects.toMatchObject({ code: "unknown-key" });
    expect(ring.status()).toMatchObject({ keysInMemory: 0, intermediatesInMemory: 0 });
  });
});

describe("rotation", () => {
  test("is found, refreshed and current again", async () => {
    const { ring, switched } = makeRing();
    await ring.seal(message, acme);
    const record = await ring.seal(message, other);
    expect(await collect(ring.stale())).toEqual([]);
    switched.version = "2";
    expect((await collect(ring.stale())).map(({ recipients }) => recipients[0]?.keyVersion)).toEqual(["1", "1"]);
    expect((await ring.refresh({ context: acme.context })).counts).toMatchObject({ changed: 1 });
    expect((await ring.refresh()).counts).toMatchObject({ changed: 1, current: 1 });
    expect(await collect(ring.stale())).toEqual([]);
    expect(await makeRing().process().seal(message, other)).toBeDefined();
    expect(await ring.open(record, other)).toEqual(message);
  });

  test("is noticed, and everything is wrapped again in the background", async () => {
    const { ring, switched, store } = makeRing({ watchVersionsMs: 10, newKeyAfter: { rotation: true } });
    const record = await ring.seal(message, acme);
    await expect.poll(() => ring.status().keks[0]?.version).toBe("1");
    switched.version = "2";
    await expect.poll(async () => (await collect(ring.stale())).length).toBe(0);
    await expect.poll(async () => inspect(await ring.seal(message, acme)).keyId).not.toBe(inspect(record).keyId);
    expect(await collect(store.list())).toHaveLength(2);
  });

  test("moves to another KEK, verified before it is written", async () => {
    const { ring, switched, store } = makeRing();
    const record = await ring.seal(message, acme);
    const target = switchedKek("target");
    const report = await ring.rewrap({ from: [switched.kek], to: [target.kek] });
    expect(report.counts).toMatchObject({ changed: 1, failed: 0 });
    expect((await ring.rewrap({ from: [switched.kek], to: [target.kek] })).counts).toMatchObject({ current: 1 });
    const moved = createKeyring({ keks: [target.kek], store, policy: { memory } });
    rings.push(moved);
    expect(await moved.open(record, acme)).toEqual(message);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
