import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ConformanceCase, conformanceCases } from "../src/index.ts";
import { allMutants } from "./mutants/all-mutants.ts";

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

test("the README lists the cases as they are", () => {
  const [, listed] = /<!-- cases -->\n(.*)<!-- \/cases -->/s.exec(readme) ?? [];
  const rows = conformanceCases.map((one) => `| \`${one.id}\` | ${one.title} | ${needsOf(one)} |\n`);
  expect(listed).toBe(`| id | the KEK … | needs |\n|---|---|---|\n${rows.join("")}`);
});

test("the README does not claim too many mutants", () => {
  expect(readme).toContain("more than a hundred KEKs");
  expect(allMutants.length).toBeGreaterThan(100);
});

function needsOf(one: ConformanceCase): string {
  const [, need] = /^the subject has no (.*)$/.exec(one.skip({ create: () => undefined }) ?? "") ?? [];
  const remarks = [
    ...(need === undefined ? [] : [`\`${need}\``]),
    ...(one.calls === "many" ? ["many calls"] : []),
    ...(one.changesKey ? ["changes the key"] : []),
  ];
  return remarks.join(", ");
}
