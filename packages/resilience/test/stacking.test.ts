import type { Kek } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { bulkheaded, circuitBreaking, type RateLimiter, rateLimited, retrying, timed } from "../src/index.ts";
import { heldKek } from "./support/held-kek.ts";
import { kekCall, ScriptedError, scriptedKek, times } from "./support/scripted-kek.ts";

// retrying(bulkheaded(circuitBreaking(rateLimited(timed(kek))))): why each stands where it does. Each test shows the other order too, and what it costs.

const dataKey = new Uint8Array(32);
const once = { concurrency: 1 };

describe("retrying stands around rateLimited", () => {
  test.each([
    { order: "around", stack: (kek: Kek, limiter: RateLimiter) => retrying(rateLimited(kek, { limiter })), tokens: 3 },
    { order: "inside", stack: (kek: Kek, limiter: RateLimiter) => rateLimited(retrying(kek), { limiter }), tokens: 1 },
  ])("so that each attempt takes a token: $order, $tokens for 3 calls", async ({ stack, tokens }) => {
    const { kek, calls, script } = scriptedKek();
    const { limiter, taken } = countingLimiter();
    script.push(new ScriptedError("throttled"), new ScriptedError("throttled"));
    await stack(kek, limiter).wrap(dataKey, kekCall());
    expect(calls).toHaveLength(3);
    expect(taken()).toBe(tokens);
  });
});

describe("retrying stands around bulkheaded", () => {
  test.each([
    { order: "around", stack: (kek: Kek) => retrying(bulkheaded(kek, once), { budgetMs: 120_000 }), calls: 2 },
    { order: "inside", stack: (kek: Kek) => bulkheaded(retrying(kek, { budgetMs: 120_000 }), once), calls: 1 },
  ])("so that a pause takes nobody's place: $order, $calls calls during it", async ({ stack, calls: expected }) => {
    const { kek, calls, script } = scriptedKek();
    const stacked = stack(kek);
    script.push(new ScriptedError("throttled", 60_000));
    const leave = new AbortController();
    const pausing = stacked.wrap(dataKey, kekCall(leave.signal));
    await expect.poll(() => calls.length).toBe(1);
    const other = stacked.wrap(dataKey, kekCall(leave.signal));
    const ended = Promise.allSettled([pausing, other]);
    if (expected === 2) await other;
    else await turns();
    expect(calls).toHaveLength(expected);
    leave.abort(new Error("left"));
    await ended;
  });
});

describe("retrying stands around circuitBreaking", () => {
  test.each([
    { order: "around", stack: (kek: Kek) => retrying(circuitBreaking(kek, { failures: 3 })), calls: 3 },
    { order: "inside", stack: (kek: Kek) => circuitBreaking(retrying(kek), { failures: 3 }), calls: 12 },
  ])("so that each attempt counts: $order, $calls calls until it opens", async ({ stack, calls: expected }) => {
    const { kek, calls, script } = scriptedKek();
    const stacked = stack(kek);
    script.push(...times(20, () => new ScriptedError("unavailable")));
    for (let i = 0; i < 5; i++) await expect(stacked.wrap(dataKey, kekCall())).rejects.toThrow();
    expect(calls).toHaveLength(expected);
  });

  test("and does not pause where it leaves the provider alone", async () => {
    const { kek, script } = scriptedKek();
    const stacked = retrying(circuitBreaking(kek, { failures: 1 }), { attempts: 2 });
    script.push(new ScriptedError("unavailable"));
    await expect(stacked.wrap(dataKey, kekCall())).rejects.toThrow();
    const began = performance.now();
    // Each of 50 would pause 50 ms on average.
    for (let i = 0; i < 50; i++) await expect(stacked.wrap(dataKey, kekCall())).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe("bulkheaded stands around circuitBreaking", () => {
  test.each([
    { order: "around", stack: (kek: Kek) => bulkheaded(circuitBreaking(kek, { failures: 2 }), { ...once, queue: 0 }), calls: 2 },
    { order: "inside", stack: (kek: Kek) => circuitBreaking(bulkheaded(kek, { ...once, queue: 0 }), { failures: 2 }), calls: 5 },
  ])(
    "so that its own refusal is not taken for an answer: $order, $calls calls to a provider that is away",
    async ({ stack, calls: expected }) => {
      const { kek, calls, script } = scriptedKek();
      const stacked = stack(kek);
      script.push(...times(5, () => new ScriptedError("unavailable")));
      for (let i = 0; i < 5; i++) {
        const pair = await Promise.allSettled([stacked.wrap(dataKey, kekCall()), stacked.wrap(dataKey, kekCall())]);
        expect(pair.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      }
      expect(calls).toHaveLength(expected);
    },
  );
});

describe("bulkheaded stands around rateLimited", () => {
  const rate = { perSecond: 50, burst: 1 };
  test.each([
    { order: "around", stack: (kek: Kek) => bulkheaded(rateLimited(kek, rate), once), keepsRate: true },
    { order: "inside", stack: (kek: Kek) => rateLimited(bulkheaded(kek, once), rate), keepsRate: false },
  ])("so that a call follows its token: $order", async ({ stack, keepsRate }) => {
    const { kek, calls } = scriptedKek();
    const held = heldKek(kek);
    const stacked = stack(held.kek);
    const wrapping = times(4, () => stacked.wrap(dataKey, kekCall()));
    await expect.poll(() => held.calls()).toBe(1);
    // Longer than the three others wait for their tokens.
    await new Promise((resolve) => setTimeout(resolve, 100));
    held.letGo();
    await Promise.all(wrapping);
    const [, second = 0, , fourth = 0] = calls;
    // One token may have been saved; the others come every 20 ms.
    expect(fourth - second > 15).toBe(keepsRate);
  });
});

describe("circuitBreaking stands around rateLimited", () => {
  test.each([
    {
      order: "around",
      stack: (kek: Kek, limiter: RateLimiter) => circuitBreaking(rateLimited(kek, { limiter }), { failures: 1 }),
      tokens: 1,
    },
    {
      order: "inside",
      stack: (kek: Kek, limiter: RateLimiter) => rateLimited(circuitBreaking(kek, { failures: 1 }), { limiter }),
      tokens: 4,
    },
  ])("so that a call that is not made takes no token: $order, $tokens", async ({ stack, tokens }) => {
    const { kek, script } = scriptedKek();
    const { limiter, taken } = countingLimiter();
    const stacked = stack(kek, limiter);
    script.push(new ScriptedError("unavailable"));
    for (let i = 0; i < 4; i++) await expect(stacked.wrap(dataKey, kekCall())).rejects.toThrow();
    expect(taken()).toBe(tokens);
  });
});

describe("timed stands inside rateLimited", () => {
  const rate = { perSecond: 10, burst: 1 };
  const limit = { perAttemptMs: 50 };
  test.each([
    { order: "inside", stack: (kek: Kek) => rateLimited(timed(kek, limit), rate), fulfilled: 2 },
    { order: "around", stack: (kek: Kek) => timed(rateLimited(kek, rate), limit), fulfilled: 1 },
  ])("so that waiting for a token is not the provider's fault: $order, $fulfilled of 2", async ({ stack, fulfilled }) => {
    const stacked = stack(scriptedKek().kek);
    const both = await Promise.allSettled(times(2, () => stacked.wrap(dataKey, kekCall())));
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(fulfilled);
  });
});

describe("timed stands inside circuitBreaking", () => {
  const limit = { perAttemptMs: 20 };
  test.each([
    { order: "inside", stack: (kek: Kek) => circuitBreaking(timed(kek, limit), { failures: 2 }), calls: 2 },
    { order: "around", stack: (kek: Kek) => timed(circuitBreaking(kek, { failures: 2 }), limit), calls: 4 },
  ])("so that a provider that hangs is away: $order, $calls calls", async ({ stack, calls: expected }) => {
    const { kek, calls, script } = scriptedKek();
    const stacked = stack(kek);
    script.push(...times(4, () => "hang" as const));
    for (let i = 0; i < 4; i++) await expect(stacked.wrap(dataKey, kekCall())).rejects.toThrow();
    expect(calls).toHaveLength(expected);
  });
});

function countingLimiter(): { limiter: RateLimiter; taken: () => number } {
  let taken = 0;
  return { limiter: { consume: () => Promise.resolve(++taken) }, taken: () => taken };
}

/** Enough turns of the event loop for a call that waits for nothing. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
