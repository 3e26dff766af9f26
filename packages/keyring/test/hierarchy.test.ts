import { inspect } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { memoryKeyStore } from "../src/index.ts";
import { gatedStore } from "./support/gated-store.ts";
import { collect, makeRing, message } from "./support/rings.ts";

const callOf = (tenant: string, table = "x") => ({ context: { tenant, table }, aad: "" });

describe("a hierarchy", () => {
  test("is made by one call, and opened by one, when a thousand contexts start together in an empty store", async () => {
    const { ring, switched } = makeRing({ memory: { maxAgeMs: 60_000, maxKeys: 2_000 }, hierarchy: [] });
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => ring.seal(message, { context: { tenant: `${i}` }, aad: "" })));
    expect(switched.calls).toEqual(["wrap", "unwrap"]);
  });

  test("makes one call for each intermediate KEK, to create and in a cold process", async () => {
    const { ring, switched, process } = makeRing({ hierarchy: ["tenant"] });
    const calls = ["a", "b"].flatMap((tenant) => ["x", "y", "z"].map((table) => callOf(tenant, table)));
    const records: Uint8Array[] = [];
    for (const call of calls) records.push(await ring.seal(message, call));
    expect(switched.calls).toEqual(["wrap", "unwrap", "wrap", "unwrap"]);
    const cold = process();
    switched.calls.length = 0;
    const opened = await Promise.all(calls.map((call, i) => cold.open(records[i] ?? message, call)));
    expect(opened).toEqual(calls.map(() => message));
    expect(switched.calls).toEqual(["unwrap", "unwrap"]);
    expect(cold.status()).toMatchObject({ keysInMemory: 6, intermediatesInMemory: 2 });
  });

  test("opens 10,000 tenants in a cold process with one call", { timeout: 120_000 }, async () => {
    const memory = { maxAgeMs: 600_000, maxKeys: 1_000 };
    const { ring, switched, process } = makeRing({ memory, hierarchy: [] });
    const calls = Array.from({ length: 10_000 }, (_, i) => callOf(`${i}`));
    const records = new Map<string, Uint8Array>();
    const inTurn = async (work: (call: (typeof calls)[number]) => Promise<unknown>): Promise<void> => {
      for (let at = 0; at < calls.length; at += 100) await Promise.all(calls.slice(at, at + 100).map(work));
    };
    await inTurn(async (call) => records.set(call.context.tenant, await ring.seal(message, call)));
    const cold = process();
    switched.calls.length = 0;
    await inTurn(async (call) => {
      const opened = await cold.open(records.get(call.context.tenant) ?? message, call);
      if (Buffer.compare(opened, message) !== 0) throw new Error(`${call.context.tenant} opened to something else`);
    });
    expect(records.size).toBe(10_000);
    expect(switched.calls).toEqual(["unwrap"]);
    expect(cold.status().keysInMemory).toBe(1_000);
  });

  test("bounds the intermediate KEKs in memory, also while more of them are in use at once", async () => {
    const { ring, process } = makeRing({ memory: { maxAgeMs: 60_000, maxKeys: 3 }, hierarchy: ["tenant"] });
    const calls = Array.from({ length: 40 }, (_, i) => callOf(`${i}`));
    const records = await Promise.all(calls.map((call) => ring.seal(message, call)));
    const cold = process();
    const opened = await Promise.all(calls.map((call, i) => cold.open(records[i] ?? message, call)));
    expect(opened).toEqual(calls.map(() => message));
    for (const one of [ring, cold]) expect(one.status().intermediatesInMemory).toBeLessThanOrEqual(3);
  });

  test("gives one intermediate KEK to processes that start together", async () => {
    const { ring, store, process } = makeRing({ hierarchy: ["tenant"] });
    const processes = [ring, ...Array.from({ length: 9 }, process)];
    const records = await Promise.all(processes.map((one, i) => one.seal(message, callOf("a", `${i % 3}`))));
    const usages = (await collect(store.list())).map(({ blob }) => {
      const info = inspect(blob);
      return info.type === "key-blob" ? info.header.usage : undefined;
    });
    expect(usages.sort()).toEqual(["data", "data", "data", "kek"]);
    for (const [i, record] of records.entries()) expect(await process().open(record, callOf("a", `${i % 3}`))).toEqual(message);
  });

  test("needs the names that it is made of", async () => {
    const { ring } = makeRing({ hierarchy: ["tenant"] });
    await expect(ring.seal(message, { context: { table: "x" }, aad: "" })).rejects.toThrow(TypeError);
  });

  test("opens what was sealed before the policy had one, and seals in it from the next key on", async () => {
    const store = memoryKeyStore();
    const { ring, switched } = makeRing({}, undefined, store);
    const record = await ring.seal(message, callOf("a"));
    const { ring: changed } = makeRing({ hierarchy: ["tenant"], newKeyAfter: { messages: 1 } }, switched, store);
    expect(await changed.open(record, callOf("a"))).toEqual(message);
    await changed.seal(message, callOf("a"));
    const next = await changed.seal(message, callOf("a"));
    expect(await changed.open(next, callOf("a"))).toEqual(message);
    const stored = await store.get(inspect(next).keyId);
    const info = inspect(stored?.blob ?? message);
    expect(info.type === "key-blob" && info.header.recipients.map(({ provider }) => provider)).toEqual(["intermediate"]);
  });

  test("does not take the intermediate KEK of another tenant, whatever a stored blob names", async () => {
    const inner = memoryKeyStore();
    const gate = gatedStore(inner);
    const { ring, process } = makeRing({ hierarchy: ["tenant"] }, undefined, gate.store);
    const own = await ring.seal(message, callOf("a"));
    await ring.seal(message, callOf("b"));
    const stored = new Map((await collect(inner.list())).map((key) => [key.keyId, key]));
    const info = inspect(stored.get(inspect(own).keyId)?.blob ?? message);
    const named = info.type === "key-blob" ? info.header.recipients[0]?.keyRef : undefined;
    const foreign = [...stored.values()].find(({ keyId, blob }) => {
      const { type, ...other } = inspect(blob);
      return type === "key-blob" && "header" in other && other.header.usage === "kek" && keyId !== named;
    });
    // The store is told to give the other tenant's intermediate KEK under the name of this one's.
    const swapped = {
      ...inner,
      get: async (keyId: string) => (keyId === named && foreign !== undefined ? { ...foreign, keyId } : inner.get(keyId)),
    };
    expect(foreign).toBeDefined();
    const { switched } = makeRing();
    expect(switched.calls).toEqual([]);
    gate.store.get = swapped.get;
    await expect(process().open(own, callOf("a"))).rejects.toMatchObject({ code: "no-matching-kek" });
  });
});
