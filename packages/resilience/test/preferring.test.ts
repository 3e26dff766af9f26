import { open, seal } from "@letterlock/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { preferring } from "../src/index.ts";
import { ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const message = new TextEncoder().encode("message");

test("puts a KEK last that was unavailable, until it answers", async () => {
  const [a, b] = [scriptedKek("a"), scriptedKek("b")];
  const preferred = preferring([a.kek, b.kek]);
  const envelope = await seal(message, [a.kek, b.kek]);
  expect(names(preferred())).toEqual(["a", "b"]);
  a.script.push(new ScriptedError("unavailable"));
  await open(envelope, preferred());
  expect(names(preferred())).toEqual(["b", "a"]);
  b.script.push(new ScriptedError("throttled"));
  vi.advanceTimersByTime(1);
  await open(envelope, preferred());
  expect(names(preferred())).toEqual(["a", "b"]);
});

test.each([undefined, "access-denied"] as const)("takes an answer for health, %s too", async (refusal) => {
  const [a, b] = [scriptedKek("a"), scriptedKek("b")];
  const preferred = preferring([a.kek, b.kek]);
  const envelope = await seal(message, [a.kek, b.kek]);
  a.script.push(new ScriptedError("unavailable"));
  await open(envelope, preferred());
  const [, last] = preferred();
  expect(last?.keyRef).toBe("a");
  if (refusal !== undefined) a.script.push(new ScriptedError(refusal));
  await open(envelope, last === undefined ? [] : [last]).catch(() => undefined);
  expect(names(preferred())).toEqual(["a", "b"]);
});

test("forgets a failure after a while", async () => {
  const [a, b] = [scriptedKek("a"), scriptedKek("b")];
  const preferred = preferring([a.kek, b.kek], { forgetAfterMs: 1_000 });
  const envelope = await seal(message, [a.kek, b.kek]);
  a.script.push(new ScriptedError("unavailable"));
  await open(envelope, preferred());
  vi.advanceTimersByTime(999);
  expect(names(preferred())).toEqual(["b", "a"]);
  vi.advanceTimersByTime(2);
  expect(names(preferred())).toEqual(["a", "b"]);
});

test("does not mind a refusal", async () => {
  const [a, b] = [scriptedKek("a"), scriptedKek("b")];
  const preferred = preferring([a.kek, b.kek]);
  const envelope = await seal(message, [a.kek, b.kek]);
  a.script.push(new ScriptedError("access-denied"));
  await open(envelope, preferred());
  expect(names(preferred())).toEqual(["a", "b"]);
});

test("gives the same objects every time, so that a cache knows them", () => {
  const preferred = preferring([scriptedKek("a").kek, scriptedKek("b").kek]);
  expect(preferred()[0]).toBe(preferred()[0]);
});

function names(keks: readonly { readonly keyRef: string }[]): string[] {
  return keks.map(({ keyRef }) => keyRef);
}
