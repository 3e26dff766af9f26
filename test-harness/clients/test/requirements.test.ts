import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFolder } from "../src/installation.ts";

const lines = (name: string): string[] =>
  readFileSync(join(sourceFolder("python"), name), "utf8")
    .trim()
    .split("\n");

describe("the Python requirements", () => {
  const pinned = lines("requirements.txt");

  test("hold what was asked for", () => {
    const wanted = lines("requirements.in");
    expect(wanted.length).toBeGreaterThan(3);
    expect(wanted.filter((requirement) => !pinned.includes(`${requirement} \\`))).toEqual([]);
  });

  test("are versions and hashes, and no options of one machine", () => {
    const allowed = /^(#.*|[a-z0-9-]+==\S+ \\| {4}--hash=sha256:[0-9a-f]{64}( \\)?)$/;
    expect(pinned.filter((line) => !allowed.test(line))).toEqual([]);
  });
});
