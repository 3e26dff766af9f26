import { expect } from "vitest";
import { aad } from "../src/index.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";

type Part = string | { readonly hex: string } | { readonly integer: string };

interface AadVector extends Vector {
  readonly parts: readonly Part[];
  readonly aad?: VectorBytes;
}

vectorCases<AadVector>("aad", async (vector) => {
  const expected = expectedOutcome(vector, () => bytesOf(vector.aad ?? ""));
  expect(await outcomeOf(() => aad(...vector.parts.map(argument)))).toEqual(expected);
  const integers = vector.parts.filter((part) => typeof part !== "string" && "integer" in part);
  if (integers.every((part) => Number.isSafeInteger(Number(part.integer)))) {
    expect(await outcomeOf(() => aad(...vector.parts.map((part) => numberOr(part))))).toEqual(expected);
  }
});

function argument(part: Part): string | Uint8Array | bigint {
  if (typeof part === "string") return part;
  return "hex" in part ? bytesOf(part.hex) : BigInt(part.integer);
}

function numberOr(part: Part): string | Uint8Array | number | bigint {
  return typeof part !== "string" && "integer" in part ? Number(part.integer) : argument(part);
}
