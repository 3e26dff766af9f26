import { type Kek, kekErrorCode } from "@letterlock/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bulkheaded, createTokenBucket, rateLimited } from "../src/index.ts";
import { kekCall, scriptedKek, times } from "./support/scripted-kek.ts";

const dataKey = new Uint8Array(32);

describe("with a bucket of its own", () => {
  test("lets a burst pass and then keeps the rate, in the order of the calls", async () => {
    const { kek, calls } = scriptedKek();
    const limited = rateLimited(kek, { perSecond: 100, burst: 5 });
    const order: number[] = [];
    await Promise.all(Array.from({ length: 15 }, (_, i) => limited.wrap(dataKey, kekCall()).then(() => order.push(i))));
    expect(order).toEqual(Array.from({ length: 15 }, (_, i) => i));
    // The first call at or after 0, the last ten not before the refill of ten tokens, 10 ms each.
    expect((calls[14] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(95);
    for (let i = 5; i < 15; i++) expect((calls[i] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan((i - 4) * 10 - 5);
  });

  test("takes no token for a caller who leaves, and does not stop the next", async () => {
    const { kek, calls } = scriptedKek();
    const limited = rateLimited(kek, { perSecond: 50, burst: 1 });
    await limited.wrap(dataKey, kekCall());
    const controller = new AbortController();
    const reason = new Error("left");
    const leaving = limited.wrap(dataKey, kekCall(controller.signal));
    const staying = limited.wrap(dataKey, kekCall());
    controller.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    await staying;
    expect(calls).toHaveLength(2);
  });
});

test.each([
  { name: "rateLimited", waiting: (kek: Kek) => rateLimited(kek, { perSecond: 0.01, burst: 1 }) },
  { name: "bulkheaded", waiting: (kek: Kek) => bulkheaded(kek, { concurrency: 1 }) },
])("lets a caller leave at once who waits behind others: $name", async ({ waiting }) => {
  const { kek, calls, script } = scriptedKek();
  const limited = waiting(kek);
  script.push("hang");
  const first = new AbortController();
  const others = times(3, () => limited.wrap(dataKey, kekCall(first.signal)).catch(() => undefined));
  const last = new AbortController();
  const reason = new Error("left");
  const leaving = limited.wrap(dataKey, kekCall(last.signal));
  last.abort(reason);
  await expect(leaving).rejects.toBe(reason);
  expect(calls).toHaveLength(1);
  first.abort(reason);
  await Promise.all(others.slice(1));
});

describe("with a limiter that others use too", () => {
  test("asks it under the provider and the keyRef, or under the name of the quota", async () => {
    const consume = vi.fn(async () => undefined);
    await rateLimited(scriptedKek("a").kek, { limiter: { consume } }).wrap(dataKey, kekCall());
    await rateLimited(scriptedKek("b").kek, { limiter: { consume }, quota: "account" }).wrap(dataKey, kekCall());
    expect(consume.mock.calls).toEqual([["local a"], ["account"]]);
  });

  test("waits no shorter than it asks, however long that is", async () => {
    const { kek, calls } = scriptedKek();
    const asked = vi.fn(() => Promise.reject({ msBeforeNext: 2 ** 40 }));
    const limited = rateLimited(kek, { limiter: { consume: asked } });
    await expect(limited.wrap(dataKey, kekCall(AbortSignal.timeout(50)))).rejects.toThrow("timeout");
    expect([asked.mock.calls.length, calls.length]).toEqual([1, 0]);
  });

  test("makes no call when it fails, and says unavailable", async () => {
    const { kek, calls } = scriptedKek();
    const limited = rateLimited(kek, { limiter: { consume: () => Promise.reject(new Error("no connection")) } });
    const error = await limited.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
    expect(kekErrorCode(limited, error)).toBe("unavailable");
    expect(calls).toEqual([]);
  });
});

describe("a token bucket of several KEKs", () => {
  test("counts the calls of all of them", async () => {
    const limiter = createTokenBucket({ perSecond: 0.01, burst: 3 });
    const [a, b] = [scriptedKek("a"), scriptedKek("b")];
    const limited = [a.kek, b.kek].map((kek) => rateLimited(kek, { limiter }));
    for (const kek of [limited[0], limited[1], limited[0]]) await kek?.wrap(dataKey, kekCall());
    const leaving = new AbortController();
    const waiting = limited[1]?.wrap(dataKey, kekCall(leaving.signal));
    leaving.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    expect([a.calls.length, b.calls.length]).toEqual([2, 1]);
  });

  test.each([
    { options: { perSecond: 0, burst: 1 }, error: RangeError },
    { options: { perSecond: 1, burst: 0.5 }, error: RangeError },
    { options: { perSecond: 1, burst: 1, points: 1 }, error: TypeError },
  ])("refuses $options", ({ options, error }) => {
    expect(() => createTokenBucket(options)).toThrow(error);
  });
});

describe("a limiter that does not answer", () => {
  test("keeps nobody who leaves, and nobody behind, from going on", async () => {
    const { kek, calls } = scriptedKek();
    let consumed = 0;
    const consume = () => (consumed++ === 0 ? new Promise<never>(() => undefined) : Promise.resolve());
    const limited = rateLimited(kek, { limiter: { consume } });
    await expect(limited.wrap(dataKey, kekCall(AbortSignal.timeout(20)))).rejects.toThrow("timeout");
    await limited.wrap(dataKey, kekCall());
    expect([consumed, calls.length]).toEqual([2, 1]);
  });

  test("is away", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const limited = rateLimited(scriptedKek().kek, { limiter: { consume: () => new Promise(() => undefined) } });
      const wrapping = limited.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
      await vi.advanceTimersByTimeAsync(5_001);
      expect(kekErrorCode(limited, await wrapping)).toBe("unavailable");
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([Number.NaN, "soon", undefined])("is away when it says to wait %s", async (msBeforeNext) => {
    const limited = rateLimited(scriptedKek().kek, { limiter: { consume: () => Promise.reject({ msBeforeNext }) } });
    const error = await limited.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
    expect(kekErrorCode(limited, error)).toBe("unavailable");
  });
});

test("a limiter that is a round trip away is asked for many at once, and in turn after a refusal", async () => {
  const { kek, calls } = scriptedKek();
  let most = 0;
  let asking = 0;
  let tokens = 40;
  const consume = async () => {
    asking += 1;
    most = Math.max(most, asking);
    await new Promise((resolve) => setImmediate(resolve));
    asking -= 1;
    if (tokens-- <= 0) {
      tokens = 10;
      throw { msBeforeNext: 5 };
    }
  };
  const limited = rateLimited(kek, { limiter: { consume: () => consume().catch((refusal: unknown) => Promise.reject(refusal)) } });
  const order: number[] = [];
  await Promise.all(Array.from({ length: 100 }, (_, i) => limited.wrap(dataKey, kekCall()).then(() => order.push(i))));
  expect(calls).toHaveLength(100);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(most).toBeGreaterThan(10);
});

describe("the bucket", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("holds no more than the burst, however long nobody called", async () => {
    const { kek } = scriptedKek();
    const limited = rateLimited(kek, { perSecond: 1, burst: 3 });
    vi.advanceTimersByTime(3_600_000);
    await Promise.all(times(3, () => limited.wrap(dataKey, kekCall())));
    const fourth = limited.wrap(dataKey, kekCall(AbortSignal.timeout(50)));
    await expect(fourth).rejects.toThrow("timeout");
  });
});

test.each([{ perSecond: 0 }, { perSecond: Number.POSITIVE_INFINITY }, { perSecond: 1, burst: 0.5 }])("refuses %j", (options) => {
  expect(() => rateLimited(scriptedKek().kek, options)).toThrow(RangeError);
});

test("refuses a limiter that is none, and a rate beside a limiter", () => {
  expect(() => rateLimited(scriptedKek().kek, { limiter: {} } as never)).toThrow(TypeError);
  expect(() => rateLimited(scriptedKek().kek, { limiter: { consume: async () => undefined }, perSecond: 1 } as never)).toThrow(TypeError);
});
