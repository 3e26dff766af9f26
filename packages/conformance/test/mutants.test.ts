import { expect, test } from "vitest";
import { type CaseResult, conformanceCases, runKek } from "../src/index.ts";
import { allMutants, type Mutant } from "./mutants/all-mutants.ts";

// Long enough for a busy machine: a sound call that is taken for a hanging one would look like a caught mutant.
const patienceMs = 1500;

test("the mutants have names of their own", () => {
  expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
  expect(allMutants.length).toBeGreaterThanOrEqual(30);
});

test.each(conformanceCases)("the case $id has a mutant to catch", ({ id }) => {
  expect(allMutants.map(({ by }) => by)).toContain(id);
});

// That the case passes where nothing is wrong is what references.test.ts proves.
test.concurrent.each(allMutants)("a KEK that $name is caught by $by", { timeout: 60_000 }, async (mutant) => {
  const [result] = await run(mutant, ({ id }) => id === mutant.by);
  if (result?.outcome === "failed") return;
  const others = (await run(mutant, () => true)).filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
  expect.fail(`${mutant.by} ${result?.outcome} (${result?.reason}); caught by ${others.length === 0 ? "nothing" : others.join(", ")}`);
});

async function run({ subject }: Mutant, select: (one: { readonly id: string }) => boolean): Promise<readonly CaseResult[]> {
  return (await runKek(subject(), { patienceMs, select })).results;
}
