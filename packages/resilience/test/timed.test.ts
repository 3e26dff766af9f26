import { aroundKek, type Kek, kekErrorCode, LetterlockError, seal } from "@letterlock/core";
import { expect, test } from "vitest";
import { bulkheaded, circuitBreaking, timed } from "../src/index.ts";
import { kekCall, scriptedKek } from "./support/scripted-kek.ts";

const dataKey = new Uint8Array(32);

test("leaves a call that hangs, as unavailable", async () => {
  const { kek, script } = scriptedKek();
  script.push("hang");
  const limited = timed(kek, { perAttemptMs: 20 });
  const error = await limited.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
  expect(kekErrorCode(limited, error)).toBe("unavailable");
});

test("is unavailable too where the client ends the request first, with an abort error of its own", async () => {
  const { kek } = scriptedKek();
  const heeding: Kek = {
    ...kek,
    wrap: (_dataKey, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
  };
  const limited = timed({ ...heeding, errorCode: () => "kek-unusable" as const }, { perAttemptMs: 20 });
  const error = await limited.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
  expect(kekErrorCode(limited, error)).toBe("unavailable");
});

test("says unavailable through core", async () => {
  const { kek, script } = scriptedKek();
  script.push("hang");
  const error = await seal(dataKey, [timed(kek, { perAttemptMs: 20 })]).catch((thrown: unknown) => thrown);
  expect(LetterlockError.is(error) && error.code).toBe("unavailable");
});

test("aborts the signal of the call that it leaves, and not of one that ended", async () => {
  const signals: AbortSignal[] = [];
  const { kek, script } = scriptedKek();
  const watched = aroundKek(kek, (_operation, call, run) => {
    signals.push(call.signal);
    return run();
  });
  const limited = timed(watched, { perAttemptMs: 20 });
  await limited.wrap(dataKey, kekCall());
  script.push("hang");
  await expect(limited.wrap(dataKey, kekCall())).rejects.toThrow();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
});

test("lets the caller leave with the caller's reason", async () => {
  const { kek, calls, script } = scriptedKek();
  script.push("hang");
  const controller = new AbortController();
  const reason = new Error("left");
  const wrapping = timed(kek, { perAttemptMs: 60_000 }).wrap(dataKey, kekCall(controller.signal));
  await expect.poll(() => calls.length).toBe(1);
  controller.abort(reason);
  await expect(wrapping).rejects.toBe(reason);
});

test.each(["unwrap", "generate"] as const)("zeroes a data key that %s gives too late", async (operation) => {
  const late = new Uint8Array(32).fill(7);
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const kek: Kek = {
    ...scriptedKek().kek,
    unwrap: () => promise,
    generate: async () => ({ dataKey: await promise, wrapped: new Uint8Array(72) }),
  };
  const limited = timed(kek, { perAttemptMs: 10 });
  const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: new Uint8Array(72) };
  await expect(operation === "unwrap" ? limited.unwrap(recipient, kekCall()) : limited.generate?.(kekCall())).rejects.toThrow();
  resolve(late);
  await expect.poll(() => late.every((byte) => byte === 0)).toBe(true);
});

test.each([
  { name: "bulkheaded", wrapping: (kek: Kek) => bulkheaded(kek, { concurrency: 1 }) },
  { name: "circuitBreaking", wrapping: (kek: Kek) => circuitBreaking(kek) },
])("zeroes a data key whose caller left: $name", async ({ wrapping }) => {
  const late = new Uint8Array(32).fill(7);
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const kek: Kek = { ...scriptedKek().kek, unwrap: () => promise };
  const controller = new AbortController();
  const reason = new Error("left");
  const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: new Uint8Array(72) };
  const unwrapping = wrapping(kek).unwrap(recipient, kekCall(controller.signal));
  controller.abort(reason);
  await expect(unwrapping).rejects.toBe(reason);
  resolve(late);
  await expect.poll(() => late.every((byte) => byte === 0)).toBe(true);
});

test.each([0, -1, Number.NaN, 2 ** 31])("refuses %d milliseconds", (perAttemptMs) => {
  expect(() => timed(scriptedKek().kek, { perAttemptMs })).toThrow(RangeError);
});
