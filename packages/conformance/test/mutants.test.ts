import { beforeAll, describe, expect, test } from "vitest";
import { inParallel } from "../src/in-parallel.ts";
import { conformanceCases, runKek } from "../src/index.ts";
import { allMutants } from "./mutants/all-mutants.ts";
import { fakeSubject, plainSubject } from "./support/fake-subject.ts";

// Long enough for a busy machine: a sound call that is taken for a hanging one would look like a caught mutant.
const patienceMs = 1500;
const caughtBy = new Map<string, readonly string[]>();

beforeAll(async () => {
  const references = [
    { name: "the reference", subject: fakeSubject },
    { name: "the plain reference", subject: plainSubject },
  ];
  await inParallel(
    [...allMutants, ...references],
    async ({ name, subject }) => {
      const { results } = await runKek(subject(), { patienceMs, tamperedBytes: 16 });
      caughtBy.set(
        name,
        results.filter(({ outcome }) => outcome === "failed").map(({ id }) => id),
      );
    },
    16,
  );
}, 300_000);

describe("the mutants", () => {
  test("have names of their own, and name cases that exist", () => {
    expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
    expect(conformanceCases.map(({ id }) => id)).toEqual(expect.arrayContaining(allMutants.map(({ by }) => by)));
    expect(allMutants.length).toBeGreaterThanOrEqual(30);
  });

  test.each(allMutants)("a KEK that $name is caught by $by", ({ name, by }) => {
    expect(caughtBy.get(name)).toContain(by);
  });

  test("are more wrong than the references beside them", () => {
    expect(caughtBy.get("the reference")).toEqual([]);
    expect(caughtBy.get("the plain reference")).toEqual([]);
  });
});

test.each(conformanceCases)("the case $id catches a mutant", ({ id }) => {
  expect(allMutants.filter(({ name }) => caughtBy.get(name)?.includes(id)).length, table()).toBeGreaterThan(0);
});

function table(): string {
  return [...caughtBy].map(([name, ids]) => `${name}: ${ids.length === 0 ? "by nothing" : ids.join(", ")}`).join("\n");
}
