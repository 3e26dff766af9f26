import { seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { measureHierarchy, measureSides, measureTwoProviders, shortSize } from "../src/load/measure-load.ts";
import type { RingLoad } from "../src/load/ring-load.ts";
import { startAws } from "../src/load/services.ts";

const { tenants, messages } = shortSize;
/** A breaker that is open lets one call through in a second; before it opens, and in each of its turns, a call is made three times at most. */
const callsInAnOutage = 30;

describe("the load, in short", { timeout: 60_000 }, () => {
  test("bridges the outage of the only provider by grace, for one key that is opened now and then", async () => {
    const load = await measureHierarchy(shortSize);
    expectNoError(load);
    expect(load.failed).toBeGreaterThan(0);
    const { calls, coldCalls, coldMs, loadMs, maxAgeMs } = load;
    // One wraps the key that all tenants share, one opens it, and again when it is too old.
    expect(coldCalls).toBeLessThanOrEqual(coldMs / maxAgeMs + 2);
    expect(calls - coldCalls).toBeLessThanOrEqual(loadMs / maxAgeMs + callsInAnOutage);
  });

  test("makes a key for each tenant at two providers, of which one fails, and asks once for each key", async () => {
    const load = await measureTwoProviders(shortSize);
    expectNoError(load);
    expect(load.failed).toBeGreaterThan(0);
    const { calls, coldCalls, coldMs, loadMs, maxAgeMs } = load;
    // Both providers wrap each key, and once in its life the KEK of Vault looks at its key. Whoever is slow opens keys again meanwhile.
    expect(coldCalls).toBeGreaterThanOrEqual(2 * tenants + 1);
    expect(coldCalls).toBeLessThanOrEqual(2 * tenants + 1 + tenants * Math.floor(coldMs / maxAgeMs));
    expect(calls - coldCalls).toBeLessThanOrEqual(tenants * (loadMs / maxAgeMs + 1) + callsInAnOutage);
  });

  test("would meet a quota, if it asked more often", async () => {
    await using aws = await startAws({ latencyMs: 0, perSecond: 5 });
    const seals = await Promise.allSettled(Array.from({ length: 20 }, () => seal(new Uint8Array(1), [aws.kek])));
    const refused = seals.filter((one) => one.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "throttled" });
    expect(aws.front.counts).toEqual({ served: 20 - refused.length, throttled: refused.length, failed: 0 });
  });

  test("asks no more often than the AWS Encryption SDK", async () => {
    const [one, each, sdk] = await measureSides({ ...shortSize, tenants: 20, callers: 5 }, 200);
    expect([one?.errors, each?.errors, sdk?.errors]).toEqual([[], [], []]);
    expect(each?.calls).toBe(40);
    expect(one?.calls).toBeLessThanOrEqual(10);
    expect(sdk?.calls).toBeGreaterThanOrEqual(40);
  });
});

function expectNoError({ errors, memory, messages: done }: RingLoad): void {
  expect(errors).toEqual([]);
  expect(done).toBe(messages);
  const [first, , last] = memory.map(({ heapMiB }) => heapMiB);
  expect(last).toBeLessThan((first ?? 0) * 1.25 + 5);
}
