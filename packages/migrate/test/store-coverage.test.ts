import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as dynamodb from "../src/dynamodb.ts";
import * as everything from "../src/index.ts";
import * as s3 from "../src/s3.ts";
import { coverage } from "./support/store-coverage.ts";

/** What issue and contract ask of every store, and the cases that ask it. */
const demands: Readonly<Record<string, readonly string[]>> = {
  "scan completeness under concurrent writes": ["lists-while-written", "lists", "partitions", "resumes", "stops"],
  "compare-and-swap under a race": ["races", "conflicts", "gone", "replaces"],
  "crash between read and replace": ["crashes"],
  "huge objects": ["huge", "heads"],
  "odd ids": ["odd-names"],
  "an empty store": ["empty"],
  "permission errors": ["forbidden", "unreadable"],
  "whole reads": ["reads", "shares-no-buffer"],
};

const shipped = [everything, s3, dynamodb].flatMap((module) => Object.keys(module)).filter((name) => /^[a-z]\w*Store$/.test(name));

describe("the suite of stores", () => {
  test("has a case for every demand, and no case for none", () => {
    expect(everything.storeCases.map(({ id }) => id).sort()).toEqual(Object.values(demands).flat().sort());
  });

  test("knows every store that is shipped", () => expect(Object.keys(coverage).sort()).toEqual([...shipped].sort()));

  test.each(Object.entries(coverage))("runs on %s", async (name, { test: file, judges, without }) => {
    const source = await readFile(join(import.meta.dirname, file), "utf8");
    expect(source).toMatch(new RegExp(`testShippedStore\\(\\s*"${name}"`));
    expect(judges.length).toBeGreaterThan(0);
    for (const reason of Object.values(without)) expect(reason).not.toBe("");
  });

  test("is in no file that skips or softens it", async () => {
    for (const file of (await readdir(import.meta.dirname)).filter((one) => one.endsWith(".test.ts"))) {
      const source = await readFile(join(import.meta.dirname, file), "utf8");
      expect(source, file).not.toMatch(/\b(test|describe|it)\.(skip|only|todo|fails)\b(?!If)/);
    }
  });
});
