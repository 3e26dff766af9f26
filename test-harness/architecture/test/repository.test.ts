import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dependencyLists, sideEffects } from "../src/dependency-lists.ts";
import { fileLength } from "../src/file-length.ts";
import { forbiddenNames } from "../src/forbidden-names.ts";
import { forbiddenText } from "../src/forbidden-text.ts";
import { importCycles } from "../src/import-cycles.ts";
import { importDirections } from "../src/import-directions.ts";
import { modulesIn } from "../src/module.ts";
import { repositoryFiles } from "../src/repository.ts";
import { runsOnImport } from "../src/runs-on-import.ts";

const files = repositoryFiles();
const modules = modulesIn(files);
const agreed = JSON.parse(readFileSync(join(import.meta.dirname, "..", "dependencies.json"), "utf8")) as Record<string, string[]>;

describe("this repository", () => {
  test("has sources to judge", () => {
    expect(modules.filter(({ home }) => home === "packages/core").length).toBeGreaterThan(10);
  });

  test("imports in the direction of the arrows", () => {
    expect(importDirections(modules)).toEqual([]);
  });

  test("has no import cycle", () => {
    expect(importCycles(modules)).toEqual([]);
  });

  test("runs nothing on import", () => {
    expect([...runsOnImport(modules), ...sideEffects(files)]).toEqual([]);
  });

  test("depends on what dependencies.json lists", () => {
    expect(dependencyLists(files, agreed)).toEqual([]);
  });

  test("keeps its files short", () => {
    expect(fileLength(files)).toEqual([]);
  });

  test("names each file for what it defines", () => {
    expect(forbiddenNames(files)).toEqual([]);
  });

  test("leaves nothing for later and names no machine", () => {
    expect(forbiddenText(files)).toEqual([]);
  });
});
