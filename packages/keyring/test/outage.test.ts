import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeyring, memoryKeyStore } from "../src/index.ts";
import { gatedStore } from "./support/gated-store.ts";
import { acme, disposedLater, makeRing, message, other } from "./support/rings.ts";
import { switchedKek } from "./support/switched-kek.ts";

const brief = { maxAgeMs: 1_000, maxKeys: 10 };

describe("an outage", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test.each(["unavailable", "throttled"] as const)("is bridged for the grace when the provider is %s, and then named", async (code) => {
    const { ring, switched } = makeRing({ memory: brief, graceMs: 5_000 });
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = code;
    const since = new Date().toISOString();
    for (let i = 0; i < 4; i++) {
      expect(await ring.open(record, acme)).toEqual(message);
      expect(await ring.open(await ring.seal(message, acme), acme)).toEqual(message);
      vi.advanceTimersByTime(1_000);
    }
    expect(switched.calls.length).toBeLessThan(8);
    expect(ring.status()).toMatchObject({ healthy: false, keks: [{ lastFailure: { code }, awaySince: Date.parse(since) }] });
    vi.advanceTimersByTime(2_000);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code, message: expect.stringContaining(`away since ${since}`) });
    await expect(ring.seal(message, acme)).rejects.toMatchObject({
      code,
      message: expect.stringContaining("the grace of 5000 ms is over"),
    });
    switched.state = undefined;
    expect(await ring.open(record, acme)).toEqual(message);
    expect(ring.status()).toMatchObject({ healthy: true, keks: [{ awaySince: undefined }] });
  });

  test("is bridged to the millisecond from the end of the key's age, and no longer", async () => {
    const { ring, switched } = makeRing({ memory: brief, graceMs: 5_000 });
    const record = await ring.seal(message, acme);
    switched.state = "unavailable";
    vi.advanceTimersByTime(1_000);
    expect(ring.openSync(record, acme)).toEqual(message);
    vi.advanceTimersByTime(1);
    expect(ring.openSync(record, acme)).toBeUndefined();
    expect(await ring.open(record, acme)).toEqual(message);
    vi.advanceTimersByTime(4_998);
    expect(await ring.open(record, acme)).toEqual(message);
    expect(ring.openSync(record, acme)).toEqual(message);
    vi.advanceTimersByTime(2);
    expect(ring.openSync(record, acme)).toBeUndefined();
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("without a grace ends with the key's age", async () => {
    const { ring, switched } = makeRing({ memory: brief });
    const record = await ring.seal(message, acme);
    switched.state = "unavailable";
    vi.advanceTimersByTime(1_001);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("lets a key that is used up go on sealing for the grace, counted from its begin", async () => {
    const { ring, switched } = makeRing({ memory: { maxAgeMs: 60_000, maxKeys: 10 }, newKeyAfter: { messages: 1 }, graceMs: 2_000 });
    await ring.seal(message, acme);
    switched.state = "unavailable";
    expect(await ring.open(await ring.seal(message, acme), acme)).toEqual(message);
    vi.advanceTimersByTime(1_999);
    expect(await ring.open(await ring.seal(message, acme), acme)).toEqual(message);
    vi.advanceTimersByTime(2);
    await expect(ring.seal(message, acme)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("does not help who has no key in memory, and says so", async () => {
    const { ring, switched, process } = makeRing({ memory: brief, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    switched.state = "unavailable";
    await expect(process().open(record, acme)).rejects.toMatchObject({ message: expect.stringContaining("not in memory") });
    await expect(ring.seal(message, other)).rejects.toMatchObject({ code: "unavailable" });
  });

  test.each(["access-denied", "kek-unusable", "kek-not-found", "not-authentic", "provider-error"] as const)(
    "is no excuse for %s",
    async (code) => {
      const { ring, switched } = makeRing({ memory: brief, graceMs: 5_000 });
      const record = await ring.seal(message, acme);
      vi.advanceTimersByTime(1_001);
      switched.state = code;
      await expect(ring.open(record, acme)).rejects.toMatchObject({ code });
      expect(ring.status().keks[0]?.awaySince).toBeUndefined();
    },
  );

  test("does not serve a key that was destroyed elsewhere, neither before the first grace nor during it", async () => {
    for (const graceFirst of [false, true]) {
      const { ring, switched, process } = makeRing({ memory: brief, graceMs: 60_000 });
      const record = await ring.seal(message, acme);
      const elsewhere = process();
      if (!graceFirst) await elsewhere.destroy(acme.context);
      if (!graceFirst) expect(await ring.open(record, acme)).toEqual(message);
      vi.advanceTimersByTime(1_001);
      switched.state = "unavailable";
      if (graceFirst) {
        expect(await ring.open(record, acme)).toEqual(message);
        await elsewhere.destroy(acme.context);
        vi.advanceTimersByTime(1_001);
      }
      await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unknown-key" });
      expect(ring.status().keysInMemory).toBe(0);
    }
  });

  test("does not serve a key that is destroyed elsewhere while the provider is asked", async () => {
    const { ring, switched, process } = makeRing({ memory: brief, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    const elsewhere = process();
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    switched.pause = async () => void (await elsewhere.destroy(acme.context));
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unknown-key" });
    expect(ring.status().keysInMemory).toBe(0);
  });

  test("asks the provider once a second, for all keys", async () => {
    const { ring, switched } = makeRing({ memory: { maxAgeMs: 1_000, maxKeys: 100 }, graceMs: 60_000 });
    const calls = Array.from({ length: 20 }, (_, i) => ({ context: { tenant: `${i}` }, aad: "" }));
    const records: Uint8Array[] = [];
    for (const call of calls) records.push(await ring.seal(message, call));
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    switched.calls.length = 0;
    for (let second = 1; second <= 3; second++) {
      for (const [i, call] of calls.entries()) expect(await ring.open(records[i] ?? message, call)).toEqual(message);
      expect(switched.calls).toHaveLength(second);
      vi.advanceTimersByTime(1_001);
    }
  });

  test.each([{}, { hierarchy: ["tenant"] }])("of the key store is no reason for grace (%j)", async (policy) => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched } = makeRing({ memory: brief, graceMs: 60_000, ...policy }, undefined, gate.store);
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    let calls = 0;
    // The second read is that of the intermediate KEK, where there is one; later ones work, so that only the error can tell.
    gate.before = async () => {
      calls += 1;
      if (calls === ("hierarchy" in policy ? 2 : 1)) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    };
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unavailable" });
    expect(ring.status().healthy).toBe(true);
    gate.before = async () => Promise.reject(new Error("the disk is full"));
    switched.state = "unavailable";
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "provider-error" });
    gate.before = async () => undefined;
    expect(await ring.open(record, acme)).toEqual(message);
  });

  test("is not over because a key is opened under an intermediate KEK in memory", async () => {
    const { ring, switched, process } = makeRing({ memory: { maxAgeMs: 10_000, maxKeys: 10 }, graceMs: 5_000, hierarchy: ["tenant"] });
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(5_000);
    await ring.seal(message, other);
    const foreign = { context: { tenant: "other", table: "users" }, aad: "" };
    const cold = await process().seal(message, foreign);
    vi.advanceTimersByTime(5_001);
    switched.state = "unavailable";
    const since = new Date().toISOString();
    expect(await ring.open(record, acme)).toEqual(message);
    vi.advanceTimersByTime(2_000);
    expect(await ring.open(cold, foreign)).toEqual(message);
    expect(await ring.open(record, acme)).toEqual(message);
    vi.advanceTimersByTime(3_000);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ message: expect.stringContaining(`away since ${since}`) });
  });

  test("of one KEK of two stops new keys after the grace, and opening goes on without end", async () => {
    const [near, far] = [switchedKek("near"), switchedKek("far")];
    const policy = { memory: brief, newKeyAfter: { messages: 2 }, graceMs: 3_000 };
    const ring = disposedLater(createKeyring({ keks: [near.kek, far.kek], store: memoryKeyStore(), policy }));
    const record = await ring.seal(message, acme);
    await ring.seal(message, acme);
    near.state = "unavailable";
    const since = new Date().toISOString();
    for (let second = 0; second < 3; second++) {
      await ring.seal(message, acme);
      expect(await ring.open(record, acme)).toEqual(message);
      expect(ring.status().healthy).toBe(false);
      vi.advanceTimersByTime(1_001);
    }
    for (let second = 0; second < 3; second++) {
      await expect(ring.seal(message, acme)).rejects.toMatchObject({ message: expect.stringContaining(`away since ${since}`) });
      expect(await ring.open(record, acme)).toEqual(message);
      vi.advanceTimersByTime(1_001);
    }
  });
});

describe("a provider that hangs", () => {
  const policy = { memory: { maxAgeMs: 20, maxKeys: 10 }, graceMs: 60_000, renewalMs: 60 };

  test("falls to grace after renewalMs, and is away", async () => {
    const { ring, switched } = makeRing(policy);
    const record = await ring.seal(message, acme);
    await expect.poll(() => ring.openSync(record, acme)).toBeUndefined();
    switched.state = "hang";
    const began = performance.now();
    expect(await ring.open(record, acme)).toEqual(message);
    expect(performance.now() - began).toBeGreaterThan(50);
    expect(ring.status()).toMatchObject({ healthy: false, keks: [{ lastFailure: { code: "unavailable" } }] });
  });

  test("is unavailable to who has no key in memory, even if it does not care for its signal", async () => {
    const { ring, switched } = makeRing(policy);
    switched.state = "deaf";
    await expect(ring.seal(message, acme)).rejects.toMatchObject({ code: "unavailable" });
    expect(ring.status()).toMatchObject({ healthy: false });
  });

  test("holds nobody who leaves", async () => {
    const { ring, switched } = makeRing({ ...policy, renewalMs: 300 });
    switched.state = "hang";
    const abort = new AbortController();
    const waiting = ring.seal(message, { ...acme, signal: abort.signal });
    const staying = ring.seal(message, acme);
    staying.catch(() => undefined);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(staying).rejects.toMatchObject({ code: "unavailable" });
  });
});

test("a key store that hangs is unavailable, and no reason for grace", async () => {
  const gate = gatedStore(memoryKeyStore());
  const { ring } = makeRing({ memory: { maxAgeMs: 20, maxKeys: 10 }, graceMs: 60_000, renewalMs: 30 }, undefined, gate.store);
  const record = await ring.seal(message, acme);
  await expect.poll(() => ring.openSync(record, acme)).toBeUndefined();
  gate.before = () => new Promise(() => undefined);
  await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unavailable" });
  expect(ring.status().healthy).toBe(true);
});
