import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as core from "../src/index.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const promised = read("./api.d.ts");
const values = namesIn(promised, /^export declare (?:function|const|class) (\w+)/gm);
const types = namesIn(promised, /^export (?:declare )?(?:type|interface|class) (\w+)/gm);

test("exports exactly the promised values", () => {
  expect(Object.keys(core).sort()).toEqual(values);
});

test("exports exactly the promised names, types included", () => {
  expect(exportedNames(read("../src/index.ts"))).toEqual([...new Set([...values, ...types])].sort());
});

test("compares every promised type", () => {
  expect(namesIn(read("./api.test-d.ts"), /Assert<Both<Package\.(\w+),/gm)).toEqual(types);
});

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ""))].sort();
}

/** An index names what it exports, so that the list can be read. */
function exportedNames(index: string): string[] {
  expect(index).not.toMatch(/export (type )?\*/);
  const lists = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap((match) => (match[1] ?? "").split(","));
  return lists
    .map((name) =>
      name
        .trim()
        .replace(/^type /, "")
        .replace(/^.* as /, ""),
    )
    .filter((name) => name !== "")
    .sort();
}
