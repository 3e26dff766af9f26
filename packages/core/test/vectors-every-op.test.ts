import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { vectorFile, vectorsOf } from "./support/vector-file.ts";

const ops = vectorFile.groups.map(({ op }) => op);
const tested = readdirSync(import.meta.dirname).flatMap((name) => /^vectors-(\w+)\.test\.ts$/.exec(name)?.[1] ?? []);

test("has a test for every op of the file, and no other", () => {
  expect(vectorFile.format).toBe("letterlock/1 test vectors");
  expect(tested.sort()).toEqual([...new Set(ops)].sort());
});

test("runs as many vectors as the file has, each with an id of its own", () => {
  const inFile = vectorFile.groups.flatMap(({ tests }) => tests.map(({ id }) => id));
  const run = tested.flatMap((op) => vectorsOf(op).map(({ id }) => id));
  expect(run.sort()).toEqual(inFile.sort());
  expect(new Set(run).size).toBe(403);
});
