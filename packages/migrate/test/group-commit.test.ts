import { describe, expect, test } from "vitest";
import { groupCommit } from "../src/group-commit.ts";

interface Commit {
  readonly items: readonly number[];
  end(): void;
}

function recorded(options: { readonly most?: number; readonly atOnce?: number }) {
  const running: Commit[] = [];
  const add = groupCommit<number, number>(async (items) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    running.push({ items, end: resolve });
    await promise;
    return items.map((item) =>
      item < 0 ? { status: "rejected", reason: new Error(`${item}`) } : { status: "fulfilled", value: item * 2 },
    );
  }, options);
  return { running, add };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("groupCommit", () => {
  test("commits together what comes in a turn, and then what came meanwhile", async () => {
    const { running, add } = recorded({});
    const first = [add(1), add(-2)];
    await turn();
    const second = [add(3), add(4)];
    await turn();
    expect(running.map(({ items }) => items)).toEqual([[1, -2]]);
    running[0]?.end();
    expect(await first[0]).toBe(2);
    await expect(first[1]).rejects.toThrow("-2");
    await turn();
    expect(running[1]?.items).toEqual([3, 4]);
    running[1]?.end();
    expect(await Promise.all(second)).toEqual([6, 8]);
  });

  test("begins another commit beside one that runs as soon as its group is full, and no more than it may", async () => {
    const { running, add } = recorded({ most: 2, atOnce: 2 });
    const all = [1, 2, 3, 4, 5, 6, 7].map(add);
    expect(running.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    running[0]?.end();
    await all[0];
    await turn();
    expect(running[2]?.items).toEqual([5, 6]);
    running[1]?.end();
    await all[2];
    await turn();
    // The last one is no full group, and waits.
    expect(running).toHaveLength(3);
    running[2]?.end();
    await all[4];
    await turn();
    expect(running[3]?.items).toEqual([7]);
    running[3]?.end();
    expect(await Promise.all(all)).toEqual([2, 4, 6, 8, 10, 12, 14]);
  });
});
