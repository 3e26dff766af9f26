import { kekErrorCode } from "@letterlock/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { circuitBreaking } from "../src/index.ts";
import { kekCall, ScriptedError, type ScriptedKek, scriptedKek, times } from "./support/scripted-kek.ts";

// The breaker looks at the clock alone.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const dataKey = new Uint8Array(32);
const away = (): ScriptedError => new ScriptedError("unavailable");

test("leaves a provider alone that is away, and comes back to it", async () => {
  const { kek, calls, script } = scriptedKek();
  const breaking = circuitBreaking(kek, { failures: 3, halfOpenAfterMs: 50 });
  script.push(...times(3, away));
  for (let i = 0; i < 3; i++) await expect(breaking.wrap(dataKey, kekCall())).rejects.toThrow(ScriptedError);
  const error = await breaking.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
  expect(kekErrorCode(breaking, error)).toBe("unavailable");
  expect(calls).toHaveLength(3);
  vi.setSystemTime(Date.now() + 51);
  await breaking.wrap(dataKey, kekCall());
  expect(calls).toHaveLength(4);
});

test("opens again when the one call that tries finds it away", async () => {
  const { breaking, calls, script } = await openCircuit();
  script.push(away());
  vi.setSystemTime(Date.now() + 25);
  await expect(breaking.wrap(dataKey, kekCall())).rejects.toThrow(ScriptedError);
  await expect(breaking.wrap(dataKey, kekCall())).rejects.not.toThrow(ScriptedError);
  expect(calls).toHaveLength(2);
});

test.each(["throttled", "access-denied", "kek-unusable", "not-authentic", "provider-error"] as const)(
  "takes %s for an answer",
  async (code) => {
    const { kek, calls, script } = scriptedKek();
    const breaking = circuitBreaking(kek, { failures: 2 });
    script.push(away(), new ScriptedError(code), away(), new ScriptedError(code));
    for (let i = 0; i < 4; i++) await expect(breaking.wrap(dataKey, kekCall())).rejects.toThrow(ScriptedError);
    await breaking.wrap(dataKey, kekCall());
    expect(calls).toHaveLength(5);
  },
);

test("counts no caller who leaves", async () => {
  const { kek, calls, script } = scriptedKek();
  const breaking = circuitBreaking(abortable(kek), { failures: 1 });
  script.push("hang");
  await leave(breaking, calls);
  await breaking.wrap(dataKey, kekCall());
  expect(calls).toHaveLength(2);
});

test("stays open when the caller of the one call that tries leaves", async () => {
  const { breaking, calls, script } = await openCircuit();
  script.push("hang");
  vi.setSystemTime(Date.now() + 25);
  await leave(breaking, calls);
  await expect(breaking.wrap(dataKey, kekCall())).rejects.not.toThrow(ScriptedError);
  expect(calls).toHaveLength(2);
});

test("lets nobody wait for the one call that tries", async () => {
  const { breaking, calls, script } = await openCircuit();
  script.push("hang");
  vi.setSystemTime(Date.now() + 25);
  const controller = new AbortController();
  const reason = new Error("left");
  const trying = breaking.wrap(dataKey, kekCall(controller.signal));
  const error = await breaking.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
  expect(kekErrorCode(breaking, error)).toBe("unavailable");
  expect(calls).toHaveLength(2);
  controller.abort(reason);
  await expect(trying).rejects.toBe(reason);
});

test("tries again after a call that tried, hung and took no notice of its caller's leaving", async () => {
  const { kek, calls, script } = scriptedKek();
  const breaking = circuitBreaking(kek, { failures: 1, halfOpenAfterMs: 20 });
  script.push(away(), "hang");
  await expect(breaking.wrap(dataKey, kekCall())).rejects.toThrow(ScriptedError);
  vi.setSystemTime(Date.now() + 25);
  await leave(breaking, calls);
  vi.setSystemTime(Date.now() + 25);
  await breaking.wrap(dataKey, kekCall());
  expect(calls).toHaveLength(3);
});

async function openCircuit(): Promise<ScriptedKek & { breaking: ScriptedKek["kek"] }> {
  const scripted = scriptedKek();
  const breaking = circuitBreaking(abortable(scripted.kek), { failures: 1, halfOpenAfterMs: 20 });
  scripted.script.push(away());
  await expect(breaking.wrap(dataKey, kekCall())).rejects.toThrow(ScriptedError);
  return { ...scripted, breaking };
}

/** A client that ends its request when the signal says so. */
function abortable(kek: ScriptedKek["kek"]): ScriptedKek["kek"] {
  return {
    ...kek,
    wrap: (key, call) =>
      new Promise((resolve, reject) => {
        call.signal.addEventListener("abort", () => reject(new Error("the client's own abort error")), { once: true });
        kek.wrap(key, call).then(resolve, reject);
      }),
  };
}

async function leave(kek: ScriptedKek["kek"], calls: readonly number[]): Promise<void> {
  const controller = new AbortController();
  const reason = new Error("left");
  const before = calls.length;
  const wrapping = kek.wrap(dataKey, kekCall(controller.signal));
  await expect.poll(() => calls.length).toBe(before + 1);
  controller.abort(reason);
  await expect(wrapping).rejects.toBe(reason);
}
