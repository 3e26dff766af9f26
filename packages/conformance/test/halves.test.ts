import type { KekUnwrapper, KekWrapper } from "@letterlock/core";
import { expect, test } from "vitest";
import { type KekSubject, runKek } from "../src/index.ts";
import { testKek } from "../src/vitest.ts";
import { fakeSubject, plainSubject } from "./support/fake-subject.ts";

const { create, ...members } = fakeSubject();
const wrapperOnly: KekSubject["createWrapper"] = async (key) => {
  const { owns, unwrap, rewrap, ...wrapper } = await kekOf(create, key);
  return wrapper satisfies KekWrapper;
};
const unwrapperOnly: KekSubject["createUnwrapper"] = async (key) => {
  const { wrap, generate, currentVersion, ...unwrapper } = await kekOf(create, key);
  return unwrapper satisfies KekUnwrapper;
};
/** refresh takes one KEK that does both. */
const select = ({ id }: { readonly id: string }) => id !== "rotation-refresh";

testKek(
  "a wrapper and an unwrapper",
  { ...members, createWrapper: wrapperOnly, createUnwrapper: unwrapperOnly },
  { unproven: "fail", select },
);

const { publicKek, create: createPlain, ...plain } = plainSubject();
testKek(
  "a public key and what opens for it",
  { ...plain, createUnwrapper: createPlain, createWrapper: (key) => publicKek(key), wrapsOffline: true },
  { unproven: "fail", select },
);

test("half a KEK leaves unproven what takes the other half", async () => {
  for (const subject of [{ createWrapper: wrapperOnly }, { createUnwrapper: unwrapperOnly }]) {
    const { failed, passed, unproven } = await runKek(subject);
    expect(failed).toBe(0);
    expect(passed).toBeGreaterThanOrEqual(4);
    expect(unproven).toBeGreaterThan(40);
  }
});

test("a wrapper that says it works offline and asks the service fails", async () => {
  const { results } = await runKek({ ...members, createWrapper: wrapperOnly, createUnwrapper: unwrapperOnly, wrapsOffline: true });
  const failed = results.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
  expect(failed).toEqual(expect.arrayContaining(["one-request-wrap", "authenticates-wrap"]));
});

async function kekOf(from: KekSubject["create"], key: "a" | "b") {
  const kek = await from?.(key);
  if (kek === undefined) throw new Error("the reference has both keys");
  return kek;
}
