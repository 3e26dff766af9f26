import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryKeyStore } from "../src/index.ts";
import { gatedStore } from "./support/gated-store.ts";
import { acme, makeRing, message, nextTurn, other } from "./support/rings.ts";

const brief = { maxAgeMs: 1_000, maxKeys: 10 };

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

describe("grace", () => {
  test.each(["access-denied", "kek-unusable"] as const)("ends with a refusal (%s), to open and to seal", async (code) => {
    const { ring, switched } = makeRing({ memory: brief, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    expect(await ring.open(record, acme)).toEqual(message);
    switched.state = code;
    vi.advanceTimersByTime(1_001);
    for (let i = 0; i < 10; i++) {
      await expect(ring.open(record, acme)).rejects.toMatchObject({ code });
      await expect(ring.seal(message, acme)).rejects.toMatchObject({ code });
      vi.advanceTimersByTime(200);
    }
  });

  test("is not ended by a failure of the key store", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched } = makeRing({ memory: brief, graceMs: 3_000 }, undefined, gate.store);
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    expect(await ring.open(record, acme)).toEqual(message);
    vi.advanceTimersByTime(1_001);
    gate.before = async () => Promise.reject(new Error("the disk is full"));
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "provider-error" });
    gate.before = async () => undefined;
    expect(await ring.open(record, acme)).toEqual(message);
    vi.advanceTimersByTime(1_999);
    await expect(ring.open(record, acme)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("counts from the outage that is now, and not from one that the KEKs answered since", async () => {
    const { ring, switched, process } = makeRing({ memory: brief, graceMs: 3_000 });
    const cold = await process().seal(message, other);
    switched.state = "throttled";
    await expect(ring.open(cold, other)).rejects.toMatchObject({ code: "throttled" });
    switched.state = undefined;
    vi.advanceTimersByTime(5_000);
    const record = await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    const since = new Date().toISOString();
    expect(await ring.open(record, acme)).toEqual(message);
    await expect(ring.open(cold, other)).rejects.toMatchObject({ message: expect.stringContaining(`away since ${since}`) });
  });

  test("of a key that is used up counts from when the last KEK stopped answering", async () => {
    const { ring, switched, process } = makeRing({ memory: brief, newKeyAfter: { ageMs: 5_000 }, graceMs: 1_500 });
    const record = await ring.seal(message, acme);
    const elsewhere = process();
    switched.state = "throttled";
    await expect(elsewhere.seal(message, other)).rejects.toMatchObject({ code: "throttled" });
    switched.state = undefined;
    for (let second = 0; second < 4; second++) {
      expect(await elsewhere.open(record, acme)).toEqual(message);
      vi.advanceTimersByTime(1_001);
    }
    expect(await elsewhere.open(await elsewhere.seal(message, acme), acme)).toEqual(message);
    switched.state = "unavailable";
    vi.advanceTimersByTime(1_000);
    expect(await elsewhere.open(await elsewhere.seal(message, acme), acme)).toEqual(message);
    vi.advanceTimersByTime(1_501);
    await expect(elsewhere.seal(message, acme)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("is for sealing, too, where the key was only opened, which costs no second unwrap otherwise", async () => {
    const { ring, switched, process } = makeRing({ memory: brief, graceMs: 60_000 });
    const record = await ring.seal(message, acme);
    const [calm, late] = [process(), process()];
    switched.calls.length = 0;
    for (const one of [calm, late]) await one.open(record, acme);
    expect(await calm.open(await calm.seal(message, acme), acme)).toEqual(message);
    expect(calm.sealSync(message, acme)).toBeDefined();
    expect(switched.calls).toEqual(["unwrap", "unwrap"]);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    expect(await late.open(await late.seal(message, acme), acme)).toEqual(message);
  });
});

describe("a key that leaves memory while grace waits for the store", () => {
  test("is not put back, and the event loop goes on", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched, process } = makeRing({ memory: { maxAgeMs: 1_000, maxKeys: 2 }, graceMs: 60_000 }, undefined, gate.store);
    await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    const { reached, goOn } = held(gate, "get");
    const waiting = ring.seal(message, acme);
    await reached;
    switched.state = undefined;
    for (let i = 0; i < 4; i++) await ring.seal(message, { context: { tenant: `${i}` }, aad: "" });
    await nextTurn();
    goOn();
    expect(await process().open(await waiting, acme)).toEqual(message);
    await nextTurn();
    expect(await process().open(ring.sealSync(message, acme) ?? new Uint8Array(), acme)).toEqual(message);
  });

  test("does not take the place of the one that was opened meanwhile", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched, process } = makeRing({ memory: brief, graceMs: 60_000 }, undefined, gate.store);
    const record = await ring.seal(message, acme);
    const cold = await process().seal(message, other);
    vi.advanceTimersByTime(1_001);
    switched.state = "unavailable";
    await ring.seal(message, acme);
    vi.advanceTimersByTime(1_001);
    const { reached, goOn } = held(gate, "get");
    const waiting = ring.seal(message, acme);
    await reached;
    switched.state = undefined;
    await ring.open(cold, other);
    expect(await ring.open(record, acme)).toEqual(message);
    await nextTurn();
    goOn();
    expect(await ring.open(await waiting, acme)).toEqual(message);
    await nextTurn();
    expect(ring.openSync(record, acme)).toEqual(message);
  });
});

/** The next call of the member waits after it was answered. */
function held(gate: ReturnType<typeof gatedStore>, of: string): { readonly reached: Promise<void>; goOn(): void } {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  gate.after = async (member) => {
    if (member !== of) return;
    gate.after = async () => undefined;
    reach();
    await go;
  };
  return { reached, goOn };
}
