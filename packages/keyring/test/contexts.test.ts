import type { Context } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { readPolicy } from "../src/policy.ts";
import { collect, makeRing, message } from "./support/rings.ts";

class Tenant {
  readonly 0 = "a";
}
const refused: readonly (readonly [string, unknown])[] = [
  ["a list", ["a"]],
  ["a text", "a"],
  ["an instance", new Tenant()],
  ["a map", new Map([["0", "a"]])],
  ["a symbol", { 0: "a", [Symbol("tenant")]: "b" }],
  ["a number", { 0: 1 }],
  ["an undefined value", { 0: undefined }],
  ["null", null],
];

describe.each(refused)("a context that is not a plain object of strings: %s", (_what, value) => {
  const context = value as Context;

  test("is refused by every call, in memory or not", async () => {
    const { ring, process } = makeRing();
    const good = { context: { 0: "a" } as Context, aad: "" };
    const record = await ring.seal(message, good);
    for (const one of [ring, process()]) {
      await expect(one.seal(message, { context, aad: "" })).rejects.toThrow(TypeError);
      await expect(one.open(record, { context, aad: "" })).rejects.toThrow(TypeError);
      expect(() => one.sealSync(message, { context, aad: "" })).toThrow(TypeError);
      expect(() => one.openSync(record, { context, aad: "" })).toThrow(TypeError);
      expect(() => one.forContext(context)).toThrow(TypeError);
    }
    expect(await process().open(record, good)).toEqual(message);
  });

  test("is refused by maintenance, which touches nothing", async () => {
    const { ring, switched, store } = makeRing();
    const record = await ring.seal(message, { context: { 0: "a" } as Context, aad: "" });
    switched.version = "2";
    await expect(ring.destroy(context)).rejects.toThrow(TypeError);
    await expect(ring.refresh({ context })).rejects.toThrow(TypeError);
    await expect(ring.rewrap({ from: [switched.kek], to: [switched.kek] }, { context })).rejects.toThrow(TypeError);
    await expect(collect(ring.stale({ context }))).rejects.toThrow(TypeError);
    expect(await collect(store.list())).toHaveLength(1);
    expect(ring.openSync(record, { context: { 0: "a" } as Context, aad: "" })).toEqual(message);
  });
});

test("a context without a prototype is one like any other", async () => {
  const { ring } = makeRing();
  const context = Object.assign(Object.create(null), { tenant: "a" }) as Context;
  const record = await ring.seal(message, { context, aad: "" });
  expect(ring.openSync(record, { context: { tenant: "a" }, aad: "" })).toEqual(message);
});

test.each([0, 1.5, 2 ** 30, 2 ** 31 - 1, Number.NaN, Infinity])("renewalMs of %d is refused at once", (renewalMs) => {
  expect(() => readPolicy({ memory: { maxAgeMs: 1, maxKeys: 1 }, renewalMs })).toThrow(RangeError);
});

test("renewalMs at its most works", async () => {
  const { ring, switched } = makeRing({ renewalMs: 2 ** 30 - 1, hierarchy: [] });
  // A timer that overflows ends after a millisecond.
  switched.pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const call = { context: { tenant: "a" }, aad: "" };
  expect(await ring.open(await ring.seal(message, call), call)).toEqual(message);
});
