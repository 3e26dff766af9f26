import type { Kek, KekCall } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { kekCall, ScriptedError, scriptedKek } from "./support/scripted-kek.ts";
import { wrappers } from "./support/wrappers.ts";

const dataKey = new Uint8Array(32);

describe.each(Object.entries(wrappers))("%s", (_name, wrapping) => {
  test("has exactly the members of the KEK, and its identity", () => {
    const { kek: inner } = scriptedKek("bare");
    const { retryAfterMs: _, ...bare } = inner;
    const disposable = {
      ...inner,
      generate: noKey,
      rewrap: noKey,
      currentVersion: noKey,
      [Symbol.dispose]: () => undefined,
    } as unknown as Kek;
    for (const kek of [bare as Kek, disposable]) {
      const wrapped = wrapping(kek);
      expect(Reflect.ownKeys(wrapped).sort(byName)).toEqual(Reflect.ownKeys(kek).sort(byName));
      expect(wrapped).toMatchObject({ provider: "local", keyRef: "bare", bindsContext: kek.bindsContext, authenticatesWrap: true });
    }
  });

  test("takes a KEK that only wraps, and one that only unwraps", () => {
    const { unwrap, owns, ...wrapper } = scriptedKek().kek;
    const { wrap, ...unwrapper } = scriptedKek().kek;
    expect([typeof unwrap, typeof owns, typeof wrap]).toEqual(["function", "function", "function"]);
    expect(Object.keys(wrapping(wrapper as Kek)).sort()).toEqual(Object.keys(wrapper).sort());
    expect(Object.keys(wrapping(unwrapper as Kek)).sort()).toEqual(Object.keys(unwrapper).sort());
  });

  test("passes the call on whole", async () => {
    const seen: KekCall[] = [];
    const { kek } = scriptedKek();
    const call: KekCall = { ...kekCall(), encryptionContext: { tenant: "acme" }, suite: "chacha20-poly1305", usage: "kek", depth: 3 };
    await wrapping({
      ...kek,
      wrap: (key, given) => {
        seen.push(given);
        return kek.wrap(key, given);
      },
    }).wrap(dataKey, call);
    const { signal: _given, ...rest } = seen[0] as KekCall;
    const { signal: _own, ...expected } = call;
    expect(rest).toEqual(expected);
  });

  test("knows what the errors of the KEK mean", () => {
    const wrapped = wrapping(scriptedKek().kek);
    expect(wrapped.errorCode(new ScriptedError("kek-unusable"))).toBe("kek-unusable");
    expect(wrapped.retryAfterMs?.(new ScriptedError("throttled", 7))).toBe(7);
  });

  test("makes no call for a caller who left before", async () => {
    const { kek, calls } = scriptedKek();
    const reason = new Error("left");
    await expect(wrapping(kek).wrap(dataKey, kekCall(AbortSignal.abort(reason)))).rejects.toBe(reason);
    expect(calls).toEqual([]);
  });
});

function noKey(): Promise<never> {
  return Promise.reject(new ScriptedError("provider-error"));
}

function byName(a: string | symbol, b: string | symbol): number {
  return String(a) < String(b) ? -1 : 1;
}
