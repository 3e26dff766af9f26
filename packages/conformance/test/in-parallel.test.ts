import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inParallel } from "../src/in-parallel.ts";

const seed = process.env.FC_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.FC_SEED);
const next = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test(`runs every item once, never more at a time than asked (FC_SEED=${seed})`, async () => {
  const check = async (items: readonly number[], width: number): Promise<void> => {
    const seen: number[] = [];
    let running = 0;
    await inParallel(
      items,
      async (item) => {
        running += 1;
        expect(running).toBeLessThanOrEqual(width);
        await next();
        seen.push(item);
        running -= 1;
      },
      width,
    );
    expect(seen.toSorted()).toEqual([...items].sort());
  };
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), check), { seed, numRuns: 50 });
});

test("rejects with a failure when nothing runs any more", async () => {
  let running = 0;
  const failing = inParallel([1, 2, 3, 4], async (item) => {
    running += 1;
    await next();
    running -= 1;
    if (item === 2) throw new Error("the second failed");
  });
  await expect(failing).rejects.toThrow("the second failed");
  expect(running).toBe(0);
});
