import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createPace } from "../src/pace.ts";

const long = 60_000;

describe("pace", () => {
  test("lets others go on while somebody who was refused rests, and asks at once for nobody", () => {
    const { signal } = new AbortController();
    const pace = createPace(4, long);
    const begun: number[] = [];
    for (let i = 0; i < 6; i++) pace.begin(() => begun.push(i));
    expect(begun).toEqual([0, 1, 2, 3]);
    void pace.rest(1, 0, signal);
    expect(pace.concurrency).toBe(2);
    expect(pace.ready(signal)).toBeUndefined();
    for (let i = 0; i < 3; i++) pace.leave();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("is slowed once by those who are refused together, and quickened by those who are not", () => {
    const { signal } = new AbortController();
    const pace = createPace(10, long);
    for (let i = 0; i < 10; i++) pace.begin(() => undefined);
    for (let i = 0; i < 5; i++) void pace.rest(1, 0, signal);
    expect(pace.concurrency).toBe(7);
    for (let i = 0; i < 30; i++) pace.quicken();
    expect(pace.concurrency).toBe(10);
  });

  test.each([
    ["a whole round is refused", 4, 0],
    ["the provider says how long", 1, long],
  ])("lets nobody ask before the pause is over where %s", async (_, refused, retryAfterMs) => {
    const controller = new AbortController();
    const { signal } = controller;
    const pace = createPace(4, long);
    for (let i = 0; i < 4; i++) pace.begin(() => undefined);
    const rested = Array.from({ length: refused }, () => pace.rest(1, retryAfterMs, signal));
    const ready = pace.ready(signal);
    expect(ready).toBeInstanceOf(Promise);
    controller.abort(new Error("enough"));
    await expect(ready).rejects.toThrow("enough");
    for (let i = refused; i < 4; i++) pace.leave();
    // Each has its turn once more, so that it hears of the abort.
    for (const one of rested) await one.then(pace.leave);
  });

  test.each([Number.POSITIVE_INFINITY, 1e15, Number.NaN, -5])(
    "waits with a timer that there is where the provider asks for %d",
    async (retryAfterMs) => {
      const warnings: Error[] = [];
      const warn = (warning: Error): void => void warnings.push(warning);
      process.on("warning", warn);
      const controller = new AbortController();
      const pace = createPace(2, long);
      pace.begin(() => undefined);
      const rested = pace.rest(1, retryAfterMs, controller.signal);
      const ready = pace.ready(controller.signal);
      expect(ready === undefined).toBe(!(retryAfterMs > 0));
      await nextTurn();
      process.off("warning", warn);
      expect(warnings).toEqual([]);
      controller.abort();
      await rested;
      await ready?.catch(() => undefined);
    },
  );

  test("takes in no more than wait for a turn, those who rest among them", async () => {
    const controller = new AbortController();
    const pace = createPace(2, long);
    for (let i = 0; i < 2; i++) pace.begin(() => undefined);
    const rested = pace.rest(1, 0, controller.signal);
    expect(pace.room()).toBeUndefined();
    pace.begin(() => undefined);
    const room = pace.room();
    expect(room).toBeInstanceOf(Promise);
    controller.abort();
    pace.leave();
    pace.leave();
    await rested;
    await room;
  });
});
