import { expect } from "vitest";
import { makeCore, readContext, readDetached, storedCore } from "../src/context.ts";
import { createDataKey, createIntermediateKek, localKek, seal } from "../src/index.ts";
import { parseObject } from "../src/object.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";

interface ContextVector extends Vector {
  readonly context: Readonly<Record<string, string>>;
  readonly detached: readonly string[];
  readonly full: VectorBytes;
  readonly stored: VectorBytes;
}

const kek = localKek({ name: "dev-1", secret: new Uint8Array(32).fill(7) });

vectorCases<ContextVector>("context", async (vector) => {
  const { context, detached } = vector;
  const core = () => {
    const pairs = readContext(context);
    return makeCore(1, 1, pairs, readDetached(detached, pairs));
  };
  expect(await outcomeOf(() => core().bytes.slice(2))).toEqual(expectedOutcome(vector, () => bytesOf(vector.full)));
  expect(await outcomeOf(() => storedCore(core()).slice(2))).toEqual(expectedOutcome(vector, () => bytesOf(vector.stored)));

  const storedIn = (object: Uint8Array) => parseObject(object, ["envelope", "key-blob"]).header.stored.slice(2);
  const options = { context, detached };
  const sealers = [
    async () => seal(new Uint8Array(1), [kek], options),
    async () => (await createDataKey([kek], options)).blob,
    async () => (await createIntermediateKek([kek], options)).blob,
  ];
  for (const sealer of sealers) {
    expect(await outcomeOf(async () => storedIn(await sealer()))).toEqual(expectedOutcome(vector, () => bytesOf(vector.stored)));
  }
});
