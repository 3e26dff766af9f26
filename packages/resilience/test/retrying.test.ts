import { describe, expect, test } from "vitest";
import { retrying } from "../src/index.ts";
import { kekCall, ScriptedError, scriptedKek, times } from "./support/scripted-kek.ts";

const dataKey = new Uint8Array(32);

describe("retrying", () => {
  test.each(["throttled", "unavailable"] as const)("makes a call again that is %s", async (code) => {
    const { kek, calls, script } = scriptedKek();
    script.push(new ScriptedError(code), new ScriptedError(code));
    const { wrapped } = await retrying(kek).wrap(dataKey, kekCall());
    expect(wrapped).toHaveLength(72);
    expect(calls).toHaveLength(3);
  });

  test.each(["access-denied", "kek-not-found", "kek-unusable", "not-authentic", "provider-error"] as const)(
    "makes no second call after %s",
    async (code) => {
      const { kek, calls, script } = scriptedKek();
      const error = new ScriptedError(code);
      script.push(error);
      await expect(retrying(kek).wrap(dataKey, kekCall())).rejects.toBe(error);
      expect(calls).toHaveLength(1);
    },
  );

  test("gives up after the attempts with the last error", async () => {
    const { kek, calls, script } = scriptedKek();
    script.push(...times(5, () => new ScriptedError("throttled")));
    const last = script[2];
    await expect(retrying(kek, { attempts: 3 }).wrap(dataKey, kekCall())).rejects.toBe(last);
    expect(calls).toHaveLength(3);
  });

  test("waits as long as the provider asks", async () => {
    const { kek, calls, script } = scriptedKek();
    script.push(new ScriptedError("throttled", 250));
    await retrying(kek).wrap(dataKey, kekCall());
    expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(245);
  });

  test("begins no pause that ends after the budget", async () => {
    const { kek, calls, script } = scriptedKek();
    const error = new ScriptedError("throttled", 60_000);
    script.push(error);
    await expect(retrying(kek, { budgetMs: 5_000 }).wrap(dataKey, kekCall())).rejects.toBe(error);
    expect(calls).toHaveLength(1);
  });

  test("ends a pause when the caller leaves", async () => {
    const { kek, calls, script } = scriptedKek();
    script.push(new ScriptedError("throttled", 60_000));
    const controller = new AbortController();
    const reason = new Error("left");
    const wrapping = retrying(kek, { budgetMs: 120_000 }).wrap(dataKey, kekCall(controller.signal));
    await expect.poll(() => calls.length).toBe(1);
    controller.abort(reason);
    await expect(wrapping).rejects.toBe(reason);
    expect(calls).toHaveLength(1);
  });

  test("takes no answer for a time that is none", async () => {
    const { kek, calls, script } = scriptedKek();
    script.push(new ScriptedError("throttled", -1), new ScriptedError("throttled", Number.NaN));
    await retrying(kek).wrap(dataKey, kekCall());
    expect(calls).toHaveLength(3);
  });

  test.each([[{ attempts: 0 }], [{ attempts: 1.5 }], [{ budgetMs: 0 }], [{ budgetMs: Number.NaN }]])("refuses %j", (options) => {
    expect(() => retrying(scriptedKek().kek, options)).toThrow(RangeError);
  });

  test("refuses an option that it does not know", () => {
    expect(() => retrying(scriptedKek().kek, { retries: 3 } as object)).toThrow(TypeError);
  });
});
