import { createSecretKey } from "node:crypto";
import { expect } from "vitest";
import { derive, label } from "../src/derive.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";

interface DeriveVector extends Vector {
  readonly key: VectorBytes;
  readonly label: string;
  readonly data: VectorBytes;
  readonly out: VectorBytes;
}

vectorCases<DeriveVector>("derive", async (vector) => {
  const outcome = await outcomeOf(() => derive(createSecretKey(bytesOf(vector.key)), label(vector.label), [bytesOf(vector.data)]));
  expect(outcome).toEqual(expectedOutcome(vector, () => bytesOf(vector.out)));
});
