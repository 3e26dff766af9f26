import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Attempt, createKeyCache, inspect, open, openDataKey, seal } from "../src/index.ts";
import { type CountingKek, countingKek, failingKek, ProviderFailure } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf } from "./support/rejection.ts";

// Rule 8: limits, and one flight at a time.

const limits = { maxAgeMs: 60_000, maxUses: 1_000_000, maxBytes: 1_000_000, maxEntries: 10 };
const message = new Uint8Array(10).fill(7);
const keyIdOf = (envelope: Uint8Array) => inspect(envelope).keyId;
const many = <T>(count: number, run: (index: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, i) => run(i)));

/** A KEK whose calls wait until `open` is called. */
function gated(options: Parameters<typeof countingKek>[0] = {}): { kek: CountingKek; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wait = async <T>(answer: () => T): Promise<T> => {
    await promise;
    return answer();
  };
  return { kek: countingKek({ wrap: wait, unwrap: wait, ...options }), open: resolve };
}

describe("a limit", () => {
  const keysOf = async (options: Partial<typeof limits>, sizes: readonly number[]) => {
    const cache = createKeyCache({ ...limits, ...options });
    const kek = countingKek();
    const keys: string[] = [];
    for (const size of sizes) keys.push(keyIdOf(await seal(new Uint8Array(size), [kek], { cache })));
    expect(kek.calls.length).toBe(new Set(keys).size);
    return keys.map((key) => keys.indexOf(key));
  };

  test("of maxUses is reached exactly", async () => {
    expect(await keysOf({ maxUses: 1 }, [1, 1, 1])).toEqual([0, 1, 2]);
    expect(await keysOf({ maxUses: 3 }, [1, 1, 1, 1])).toEqual([0, 0, 0, 3]);
  });

  test("of maxBytes is reached exactly", async () => {
    expect(await keysOf({ maxBytes: 30 }, [10, 10, 10, 0, 1])).toEqual([0, 0, 0, 0, 4]);
    expect(await keysOf({ maxBytes: 30 }, [10, 21, 9])).toEqual([0, 1, 1]);
  });

  test("of maxBytes lets a larger message pass by with a key of its own", async () => {
    expect(await keysOf({ maxBytes: 30 }, [10, 31, 10, 31, 30])).toEqual([0, 1, 0, 3, 4]);
  });

  test("of maxUses holds for calls at the same time", async () => {
    const cache = createKeyCache({ ...limits, maxUses: 3 });
    const kek = countingKek();
    const keys = (await many(10, () => seal(message, [kek], { cache }))).map(keyIdOf);
    const uses = [...new Set(keys)].map((key) => keys.filter((other) => other === key).length);
    expect(Math.max(...uses)).toBe(3);
    expect(kek.calls.length).toBe(4);
  });

  test("of maxEntries removes the one that was used least recently", async () => {
    const cache = createKeyCache({ ...limits, maxEntries: 2 });
    const kek = countingKek();
    const sealFor = (tenant: string) => seal(message, [kek], { cache, context: { tenant } });
    const [a] = [await sealFor("a"), await sealFor("b")].map(keyIdOf);
    await sealFor("a");
    await sealFor("c");
    expect(keyIdOf(await sealFor("a"))).toBe(a);
    expect(kek.calls.length).toBe(3);
    await sealFor("b");
    expect(kek.calls.length).toBe(4);
  });
});

describe("age", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("ends at maxAgeMs, however often an entry is used", async () => {
    const cache = createKeyCache({ ...limits, maxAgeMs: 1000 });
    const kek = countingKek();
    const first = await seal(message, [kek], { cache });
    await open(first, [kek], { cache });
    vi.advanceTimersByTime(999);
    expect(keyIdOf(await seal(message, [kek], { cache }))).toBe(keyIdOf(first));
    await open(first, [kek], { cache });
    expect(kek.calls).toEqual(["wrap", "unwrap"]);
    vi.advanceTimersByTime(1);
    expect(keyIdOf(await seal(message, [kek], { cache }))).not.toBe(keyIdOf(first));
    await open(first, [kek], { cache });
    expect(kek.calls).toEqual(["wrap", "unwrap", "wrap", "unwrap"]);
  });

  test("counts from before the call, so that a slow provider hides no rotation", async () => {
    const cache = createKeyCache({ ...limits, maxAgeMs: 1000 });
    const { kek, open: answer } = gated();
    const sealing = seal(message, [kek], { cache });
    await vi.waitUntil(() => kek.calls.length === 1, { interval: 1 });
    vi.advanceTimersByTime(1000);
    answer();
    const first = await sealing;
    expect(keyIdOf(await seal(message, [kek], { cache }))).not.toBe(keyIdOf(first));
    expect(vi.getTimerCount()).toBe(1);
  });

  test("ends without anybody asking, and leaves no timer", async () => {
    const cache = createKeyCache({ ...limits, maxAgeMs: 1000 });
    const kek = countingKek();
    await open(await seal(message, [kek], { cache }), [kek], { cache });
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    vi.advanceTimersByTime(1001);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not matter after clear and dispose: no timer stays", async () => {
    const cache = createKeyCache(limits);
    const kek = countingKek();
    await open(await seal(message, [kek], { cache }), [kek], { cache });
    cache.clear();
    expect(vi.getTimerCount()).toBe(0);
    await seal(message, [kek], { cache });
    cache[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of nothing that lands after clear or dispose: a flight that was under way is not kept", async () => {
    for (const forget of ["clear", "dispose"]) {
      const cache = createKeyCache({ ...limits, maxUses: 1 });
      const { kek, open: answer } = gated();
      const sealing = many(3, () => seal(message, [kek], { cache }));
      await vi.waitUntil(() => kek.calls.length === 1, { interval: 1 });
      if (forget === "clear") cache.clear();
      else cache[Symbol.dispose]();
      answer();
      // Waiters that were there may get a key or a TypeError; what counts is that nothing is kept for them.
      await sealing.catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
      if (forget === "dispose") expect(vi.getTimerCount()).toBe(0);
      cache.clear();
    }
  });
});

describe("one flight", () => {
  test("serves 1,000 seals and 1,000 opens of a cold cache", async () => {
    const cache = createKeyCache(limits);
    const kek = countingKek();
    const envelopes = await many(1000, () => seal(message, [kek], { cache }));
    expect(kek.calls).toEqual(["wrap"]);
    expect(new Set(envelopes.map((envelope) => Buffer.from(envelope).toString("hex"))).size).toBe(1000);
    const [envelope = message] = envelopes;
    await many(1000, () => open(envelope, [kek], { cache }));
    expect(kek.calls).toEqual(["wrap", "unwrap"]);
  });

  test("that fails is not shared with those who joined it", async () => {
    let failures = 1;
    const flaky = async <T>(answer: () => T): Promise<T> => {
      if (failures-- > 0) throw new ProviderFailure("unavailable");
      return answer();
    };
    const envelope = await seal(message, [countingKek()]);
    for (const run of ["seal", "open"]) {
      failures = 1;
      const kek = countingKek({ wrap: flaky, unwrap: flaky });
      const cache = createKeyCache(limits);
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, () => (run === "seal" ? seal(message, [kek], { cache }) : open(envelope, [kek], { cache }))),
      );
      expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
      expect(kek.calls).toHaveLength(2);
    }
  });

  test("bounds the calls to a provider that is down", async () => {
    const kek = failingKek("unavailable", { wrap: () => Promise.reject(new ProviderFailure("unavailable")) });
    const cache = createKeyCache(limits);
    const results = await Promise.allSettled(Array.from({ length: 1000 }, () => seal(message, [kek], { cache })));
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(kek.calls.length).toBeLessThanOrEqual(3);
  });

  test("goes on when one waiter aborts, also the one that began it, and ends when all do", async () => {
    const cache = createKeyCache(limits);
    const { kek, open: answer } = gated();
    const aborts = Array.from({ length: 3 }, () => new AbortController());
    const waiting = aborts.map(({ signal }) => seal(message, [kek], { cache, signal }));
    await vi.waitUntil(() => kek.calls.length === 1, { interval: 1 });
    aborts[0]?.abort("first");
    expect(await rejectionOf(waiting[0] as Promise<unknown>)).toBe("first");
    expect(kek.made[0]?.signal.aborted).toBe(false);
    answer();
    await Promise.all(waiting.slice(1));
    expect(kek.calls).toEqual(["wrap"]);

    const stuck = gated();
    const both = [new AbortController(), new AbortController()];
    const results = both.map(({ signal }) => rejectionOf(seal(message, [stuck.kek], { cache, signal })));
    await vi.waitUntil(() => stuck.kek.calls.length === 1, { interval: 1 });
    for (const abort of both) abort.abort("all");
    expect(await Promise.all(results)).toEqual(["all", "all"]);
    expect(stuck.kek.made[0]?.signal.aborted).toBe(true);
    stuck.open();
    await seal(message, [stuck.kek], { cache });
    expect(stuck.kek.calls).toEqual(["wrap", "wrap"]);
  });

  test("reports failed attempts to everybody who waited for it, and one callback that throws is not another's", async () => {
    const envelope = await seal(message, [countingKek({ keyRef: "a" }), countingKek({ keyRef: "b" })]);
    const keks = [failingKek("access-denied", { keyRef: "a" }), countingKek({ keyRef: "b" })];
    const seen: Attempt[][] = [[], [], []];
    const cache = createKeyCache(limits);
    await Promise.all(seen.map((list) => open(envelope, keks, { cache, onFailedAttempt: (attempt) => list.push(attempt) })));
    expect(seen.map((list) => list.map(({ code }) => code))).toEqual([["access-denied"], ["access-denied"], ["access-denied"]]);
    const fresh = createKeyCache(limits);
    const thrown = new Error("mine");
    const throwing = open(envelope, keks, {
      cache: fresh,
      onFailedAttempt: () => {
        throw thrown;
      },
    });
    const [first, second] = await Promise.allSettled([throwing, open(envelope, keks, { cache: fresh })]);
    expect(first).toMatchObject({ status: "rejected", reason: thrown });
    expect(second.status).toBe("fulfilled");
  });
});

test("a disposed cache is a TypeError, without a call", async () => {
  const cache = createKeyCache(limits);
  const kek = countingKek();
  const envelope = await seal(message, [kek], { cache });
  cache[Symbol.dispose]();
  kek.calls.length = 0;
  expect(await rejectionOf(seal(message, [kek], { cache }))).toBeInstanceOf(TypeError);
  expect(await rejectionOf(open(envelope, [kek], { cache }))).toBeInstanceOf(TypeError);
  await letterlockError(openDataKey(envelope, [kek]), "malformed");
  expect(kek.calls).toEqual([]);
});
