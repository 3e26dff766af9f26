import { inspect } from "@letterlock/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type KeyStore, memoryKeyStore, type StoredKey } from "../src/index.ts";
import { acme, type MadeRing, makeRing, message, other } from "./support/rings.ts";

const hour = 3_600_000;
const cold = { context: { tenant: "cold" }, aad: "" };

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A store whose clock is behind. */
function storeBehind(ms: number): KeyStore {
  const inner = memoryKeyStore();
  const back = (key: StoredKey): StoredKey => ({ ...key, createdAt: key.createdAt - ms });
  return {
    ...inner,
    get: async (keyId) => inner.get(keyId).then((key) => key && back(key)),
    current: async (slot) => inner.current(slot).then((key) => key && back(key)),
    create: async (slot, blob, after) => {
      const answer = await inner.create(slot, blob, after);
      return answer.key === undefined ? answer : ({ ...answer, key: back(answer.key) } as typeof answer);
    },
  };
}

async function keyIdOf({ ring }: Pick<MadeRing, "ring">, call: typeof acme): Promise<string> {
  return inspect(ring.sealSync(message, call) ?? (await ring.seal(message, call))).keyId ?? "";
}

describe.each([0, hour])("with the clock of the store %i ms behind", (behind) => {
  test("a rotation gives every context one new key: in memory, opened again, and not in memory", async () => {
    const policy = { watchVersionsMs: 10, newKeyAfter: { rotation: true } };
    const made = makeRing(policy, undefined, storeBehind(behind));
    const calls = [acme, other, cold];
    const records = [await made.ring.seal(message, acme), await made.ring.seal(message, other), await made.process().seal(message, cold)];
    await expect.poll(() => made.switched.calls.filter((call) => call === "currentVersion").length).toBeGreaterThan(3);
    vi.advanceTimersByTime(1_000);
    made.switched.version = "2";
    await expect.poll(() => made.ring.status().keks[0]?.version).toBe("2");
    vi.advanceTimersByTime(1_000);
    const after: string[] = [await keyIdOf(made, acme)];
    vi.advanceTimersByTime(60_000);
    expect(await made.ring.open(records[1] ?? message, other)).toEqual(message);
    after.push(await keyIdOf(made, other), await keyIdOf(made, cold));
    for (const [i, record] of records.entries()) expect(after[i]).not.toBe(inspect(record).keyId);
    for (const [i, call] of calls.entries()) {
      for (let n = 0; n < 3; n++) expect(await keyIdOf(made, call)).toBe(after[i]);
    }
    vi.advanceTimersByTime(60_001);
    for (const [i, call] of calls.entries()) expect(await keyIdOf(made, call)).toBe(after[i]);
  });

  test("a key is as old as it is here, and no message has one of its own", async () => {
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 1 }, newKeyAfter: { ageMs: hour / 2 } };
    const made = makeRing(policy, undefined, storeBehind(behind));
    const ids = new Set<string>();
    for (let i = 0; i < 20; i++) {
      for (const call of [acme, other]) ids.add(await keyIdOf(made, call));
      ids.add(await keyIdOf(made, other));
    }
    expect(ids.size).toBe(2);
    const elsewhere = { ring: made.process() };
    const its = new Set<string>();
    for (let i = 0; i < 20; i++) for (const call of [acme, other]) its.add(await keyIdOf(elsewhere, call));
    expect(its.size).toBeLessThanOrEqual(3);
    vi.advanceTimersByTime(hour / 2);
    const next = await keyIdOf(made, acme);
    expect([...ids, ...its]).not.toContain(next);
    expect(await keyIdOf(made, acme)).toBe(next);
  });
});

test("a rotation is not forgotten where a key is opened again, whatever the clock of the store says", async () => {
  const policy = { watchVersionsMs: 10, newKeyAfter: { rotation: true } };
  const { ring, switched, store } = makeRing({}, undefined, storeBehind(-hour));
  const record = await ring.seal(message, acme);
  const opening = makeRing(policy, switched, store).ring;
  await opening.open(record, acme);
  await expect.poll(() => switched.calls.filter((call) => call === "currentVersion").length).toBeGreaterThan(3);
  switched.version = "2";
  await expect.poll(() => opening.status().keks[0]?.version).toBe("2");
  vi.advanceTimersByTime(60_001);
  await opening.open(record, acme);
  expect(inspect(await opening.seal(message, acme)).keyId).not.toBe(inspect(record).keyId);
});

test("a store that gives the key of another context for this one gets nothing sealed", async () => {
  const inner = memoryKeyStore();
  const { ring, switched } = makeRing({}, undefined, inner);
  const foreign = await inner.get(inspect(await ring.seal(message, other)).keyId ?? "");
  const swapped = makeRing({}, switched, { ...inner, current: async () => foreign }).ring;
  await swapped.seal(message, other);
  await expect(swapped.seal(message, acme)).rejects.toMatchObject({ code: "context-mismatch" });
});

test("a clock that is set back gives no message a key of its own", async () => {
  const made = makeRing({ watchVersionsMs: 10, newKeyAfter: { rotation: true, ageMs: hour } });
  await keyIdOf(made, acme);
  await expect.poll(() => made.switched.calls.filter((call) => call === "currentVersion").length).toBeGreaterThan(3);
  made.switched.version = "2";
  await expect.poll(() => made.ring.status().keks[0]?.version).toBe("2");
  vi.setSystemTime(Date.now() - hour);
  const ids = new Set<string>();
  for (let i = 0; i < 5; i++) for (const call of [acme, other]) ids.add(await keyIdOf(made, call));
  expect(ids.size).toBe(2);
});

test("the age of a key in memory counts from before the store was asked", async () => {
  const inner = memoryKeyStore();
  const { ring, switched } = makeRing({}, undefined, inner);
  const record = await ring.seal(message, acme);
  const lagging = {
    ...inner,
    get: async (keyId: string) => {
      const answer = await inner.get(keyId);
      vi.advanceTimersByTime(1_001);
      return answer;
    },
    current: async (slot: string) => {
      const answer = await inner.current(slot);
      vi.advanceTimersByTime(1_001);
      return answer;
    },
  };
  for (const work of ["open", "seal"] as const) {
    const slow = makeRing({ memory: { maxAgeMs: 1_000, maxKeys: 10 } }, switched, lagging).ring;
    await slow[work](work === "open" ? record : message, acme);
    expect(slow.openSync(record, acme)).toBeUndefined();
    expect(slow.sealSync(message, acme)).toBeUndefined();
  }
});
