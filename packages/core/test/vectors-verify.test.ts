import { expect } from "vitest";
import { type Context, verify } from "../src/index.ts";
import { contextOf } from "./support/opening-vector.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";
import { keksOf } from "./support/vector-kek.ts";

interface VerifyVector extends Vector {
  readonly object: VectorBytes;
  readonly usage?: 1 | 2;
  readonly context: Context;
  readonly keks: readonly string[];
  readonly aad?: VectorBytes;
  readonly report?: readonly string[];
}

vectorCases<VerifyVector>("verify", async (vector) => {
  const outcome = await outcomeOf(async () => {
    const report = await verify(bytesOf(vector.object), keksOf(vector.keks), {
      context: contextOf(vector),
      usage: vector.usage === 2 ? "kek" : "data",
      payload: vector.aad === undefined ? undefined : { aad: bytesOf(vector.aad) },
    });
    const statuses = report.recipients.map(({ status }) => status);
    expect(report.ok).toBe(statuses.every((status) => status === "ok"));
    return statuses;
  });
  expect(outcome).toEqual(expectedOutcome(vector, () => vector.report));
});
