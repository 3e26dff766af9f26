import { kekErrorCode } from "@letterlock/core";
import { expect, test } from "vitest";
import { bulkheaded } from "../src/index.ts";
import { heldKek } from "./support/held-kek.ts";
import { kekCall, scriptedKek, times } from "./support/scripted-kek.ts";

const dataKey = new Uint8Array(32);

test("runs no more at once than it may, and all in the end", async () => {
  const held = heldKek();
  const bulkhead = bulkheaded(held.kek, { concurrency: 3 });
  const wrapping = times(10, () => bulkhead.wrap(dataKey, kekCall()));
  await expect.poll(() => held.running()).toBe(3);
  held.letGo();
  await Promise.all(wrapping);
  expect(held.most()).toBe(3);
});

test("refuses at once what finds no place to wait, as throttled", async () => {
  const held = heldKek();
  const bulkhead = bulkheaded(held.kek, { concurrency: 1, queue: 1 });
  const wrapping = times(2, () => bulkhead.wrap(dataKey, kekCall()));
  const error = await bulkhead.wrap(dataKey, kekCall()).catch((thrown: unknown) => thrown);
  expect(kekErrorCode(bulkhead, error)).toBe("throttled");
  held.letGo();
  await Promise.all(wrapping);
});

test("makes no call for a caller who left while waiting", async () => {
  const held = heldKek();
  const bulkhead = bulkheaded(held.kek, { concurrency: 1 });
  const controller = new AbortController();
  const reason = new Error("left");
  const first = bulkhead.wrap(dataKey, kekCall());
  const second = bulkhead.wrap(dataKey, kekCall(controller.signal));
  controller.abort(reason);
  held.letGo();
  await first;
  await expect(second).rejects.toBe(reason);
  expect(held.calls()).toBe(1);
});

test.each([{ concurrency: 0 }, { concurrency: 1.5 }, { concurrency: 1, queue: -1 }])("refuses %j", (options) => {
  expect(() => bulkheaded(scriptedKek().kek, options)).toThrow(RangeError);
});
