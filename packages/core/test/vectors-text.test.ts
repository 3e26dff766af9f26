import { expect } from "vitest";
import { fromText, toText } from "../src/index.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";

interface TextVector extends Vector {
  readonly text: string;
  readonly object?: VectorBytes;
}

vectorCases<TextVector>("text", async (vector) => {
  expect(await outcomeOf(() => fromText(vector.text))).toEqual(expectedOutcome(vector, () => bytesOf(vector.object ?? "")));
  if (vector.object !== undefined) expect(toText(bytesOf(vector.object))).toBe(vector.text);
});
