import { describe, expect, it } from "vitest";
import { createProgress, progressLine } from "../src/terminal/progress.ts";

const gib = 2 ** 30;

describe("the progress bar", () => {
  it("appears after a second, is redrawn at most ten times a second, and is cleared", () => {
    const drawn: string[] = [];
    let time = 0;
    const progress = createProgress({ isTTY: true, columns: 100, write: (text) => drawn.push(text) }, { shown: true, now: () => time });
    progress.expect(10 * gib);
    for (time = 0; time < 2000; time += 10) progress.add(1 << 20);
    progress.clear();
    progress.clear();
    expect(drawn.length).toBe(11);
    expect(drawn[0]?.startsWith("\r\x1b[K[")).toBe(true);
    expect(drawn.at(-1)).toBe("\r\x1b[K");
  });

  it.each([
    ["a pipe", { isTTY: undefined, shown: true }],
    ["--quiet and --json", { isTTY: true, shown: false }],
  ])("stays away from %s", (_, { isTTY, shown }) => {
    const drawn: string[] = [];
    let time = 0;
    const progress = createProgress({ isTTY, write: (text) => drawn.push(text) }, { shown, now: () => time });
    for (; time < 5000; time += 100) progress.add(1);
    progress.clear();
    expect(drawn).toEqual([]);
  });

  it("says how much, how fast and how long", () => {
    expect(progressLine(gib, 4 * gib, 2, 100)).toBe("[########......................]  25 %  1.0 GiB of 4.0 GiB  512.0 MiB/s  6 s left");
    expect(progressLine(gib, undefined, 2, 100)).toBe("1.0 GiB  512.0 MiB/s");
    expect(progressLine(1, 100 * gib, 1, 30).length).toBeLessThan(30);
  });
});
