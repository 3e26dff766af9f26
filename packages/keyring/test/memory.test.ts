import { randomBytes } from "node:crypto";
import { createDataKey, localKek } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { memoryKeyStore } from "../src/index.ts";
import { readPolicy } from "../src/policy.ts";
import { createRingKeys, type RingKeys } from "../src/ring-keys.ts";
import { contextText } from "../src/slot.ts";
import { createWarmKeys, type WarmKey, warmKey } from "../src/warm-keys.ts";
import { makeRing, message, nextTurn } from "./support/rings.ts";

// That a data key which was disposed is zeroed is proven in core, by a search through the memory of a process. Here: every key that leaves is disposed.

const kek = localKek({ name: "memory", secret: new Uint8Array(randomBytes(32)) });
const isZeroed = ({ key }: WarmKey): boolean => {
  try {
    key.seal(message, { aad: "" });
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return true;
  }
};

async function newWarmKey(tenant: string): Promise<WarmKey> {
  const context = { tenant };
  const { key, blob } = await createDataKey([kek], { context });
  const stored = { keyId: key.keyId, slot: tenant, sequence: 1, createdAt: Date.now(), blob };
  return warmKey({
    key,
    stored,
    context,
    text: contextText(context),
    bornAt: performance.now(),
    openedAt: performance.now(),
    goodUntil: Infinity,
  });
}

describe("keys in memory", () => {
  test("are as many as they may be, and zeroed when they make room, those that were not used first", async () => {
    const warm = createWarmKeys(3);
    const keys = await Promise.all(Array.from({ length: 6 }, (_, i) => newWarmKey(`${i}`)));
    for (const key of keys.slice(0, 3)) warm.addSealing(key);
    for (const key of keys.slice(0, 3)) key.touched = false;
    const [first] = keys;
    if (first !== undefined) first.touched = true;
    for (const key of keys.slice(3, 5)) warm.addSealing(key);
    expect(
      warm
        .all()
        .map(({ slot }) => slot)
        .toSorted(),
    ).toEqual(["0", "3", "4"]);
    // Those who waited for a key use it in this turn.
    expect(keys.map(isZeroed)).toEqual([false, false, false, false, false, false]);
    await nextTurn();
    expect(keys.map(isZeroed)).toEqual([false, true, true, false, false, false]);
    expect(warm.sealing(contextText({ tenant: "1" }))).toBeUndefined();
  });

  test("are zeroed when another opening of the same key takes their place, which goes on counting", async () => {
    const warm = createWarmKeys(3);
    const [before, after] = [await newWarmKey("a"), await newWarmKey("a")];
    const same = { ...after, keyId: before.keyId };
    warm.addSealing(before);
    before.messages = 5;
    before.bytes = 500;
    warm.add(same);
    expect(warm.sealing(before.text)).toBe(same);
    expect(same).toMatchObject({ messages: 5, bytes: 500 });
    await nextTurn();
    expect([before, same].map(isZeroed)).toEqual([true, false]);
  });

  test("are zeroed at once by a drop and a sweep", async () => {
    const warm = createWarmKeys(3);
    const keys = [await newWarmKey("a"), await newWarmKey("b"), await newWarmKey("c")];
    for (const key of keys) warm.addSealing(key);
    warm.drop(keys[0]?.keyId ?? "");
    warm.sweep(({ slot }) => slot === "c");
    expect(keys.map(isZeroed)).toEqual([true, true, false]);
    expect(keys.map(({ gone }) => gone)).toEqual([true, true, false]);
  });

  test("of a ring are zeroed by age without anybody asking, after the grace", async () => {
    const { ring } = makeRing({ memory: { maxAgeMs: 20, maxKeys: 10 }, graceMs: 20, hierarchy: [] });
    await ring.seal(message, { context: { tenant: "a" }, aad: "" });
    const began = performance.now();
    expect(ring.status()).toMatchObject({ keysInMemory: 1, intermediatesInMemory: 1 });
    await expect.poll(() => ring.status().keysInMemory, { interval: 5 }).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(30);
    expect(ring.status().oldestKeyAgeMs).toBeUndefined();
  });

  test("of a ring are zeroed when it is disposed, and what is being fetched then, too", async () => {
    const keys = ringKeys();
    const context = { tenant: "a" };
    const key = await keys.sealing(context, contextText(context), undefined);
    keys.close();
    expect(isZeroed(key)).toBe(true);
    await expect(keys.sealing(context, contextText(context), undefined)).rejects.toThrow(TypeError);
    expect(keys.warm.all()).toEqual([]);
  });

  test("are opened again after their age, and the one before is zeroed", async () => {
    const keys = ringKeys({ memory: { maxAgeMs: 0, maxKeys: 10 } });
    const context = { tenant: "a" };
    const first = await keys.sealing(context, contextText(context), undefined);
    await expect.poll(() => keys.warmSealing(contextText(context))).toBeUndefined();
    const second = await keys.sealing(context, contextText(context), undefined);
    expect(second.keyId).toBe(first.keyId);
    await nextTurn();
    expect([first, second].map(isZeroed)).toEqual([true, false]);
  });
});

function ringKeys(policy: { memory: { maxAgeMs: number; maxKeys: number } } = { memory: { maxAgeMs: 60_000, maxKeys: 10 } }): RingKeys {
  return createRingKeys([kek], memoryKeyStore(), readPolicy(policy), () => [0]);
}
