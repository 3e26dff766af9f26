import { Buffer } from "node:buffer";
import { expect } from "vitest";
import { createKeyCache, type Kek, type OpenOptions, open, openStream } from "../src/index.ts";
import { collect, inChunks, joined } from "./support/chunks.ts";
import { type OpeningVector, openOptionsOf } from "./support/opening-vector.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, dataOf } from "./support/vector-file.ts";
import { keksOf } from "./support/vector-kek.ts";

type Opening = (keks: readonly Kek[], options: OpenOptions) => Promise<Uint8Array>;

vectorCases<OpeningVector>("open", async (vector) => {
  const object = bytesOf(vector.object);
  const chunkSizes = [object.length + 1, object.length < 4096 ? 1 : 7];
  const openings: Opening[] = [
    (keks, options) => open(object, keks, options),
    ...chunkSizes.map(
      (size): Opening =>
        (keks, options) =>
          streamed(vector, inChunks(object, size), keks, options),
    ),
  ];
  for (const opening of openings) {
    await opensAs(vector, () => opening(keksOf(vector.keks, made), openOptionsOf(vector)));
    await opensAsThroughCache(vector, opening);
  }
});

/** The KEKs called since the last look, in order. */
const made: string[] = [];

async function opensAs(vector: OpeningVector, run: () => Promise<Uint8Array>, attempts = vector.attempts): Promise<void> {
  made.length = 0;
  expect(await outcomeOf(run)).toEqual(expectedOutcome(vector, () => dataOf(vector.plaintext ?? "")));
  if (attempts !== undefined) expect(made).toEqual(attempts);
}

/** The second time a key that opened comes from the cache, without an attempt; a failure is not remembered. */
async function opensAsThroughCache(vector: OpeningVector, run: Opening): Promise<void> {
  using cache = createKeyCache({ maxAgeMs: 60_000, maxUses: 10, maxBytes: 1_000_000, maxEntries: 10 });
  const keks = keksOf(vector.keks, made);
  const options = { ...openOptionsOf(vector), cache };
  await opensAs(vector, () => run(keks, options));
  await opensAs(vector, () => run(keks, options), vector.result === "valid" ? [] : vector.attempts);
}

/** What leaves before a failure is a prefix of the sealed message, in whole segments. */
async function streamed(
  vector: OpeningVector,
  chunks: Iterable<Uint8Array>,
  keks: readonly Kek[],
  options: OpenOptions,
): Promise<Uint8Array> {
  const released: Uint8Array[] = [];
  try {
    return await collect(openStream(chunks, keks, options), released);
  } catch (error) {
    const before = joined(released);
    expect(before.length % 65_536).toBe(0);
    expect(Buffer.from(before).equals(sealedMessage(vector).subarray(0, before.length))).toBe(true);
    throw error;
  }
}

/** The damaged objects of more than one segment are all made from the blob "big". */
function sealedMessage({ object }: OpeningVector): Uint8Array {
  return typeof object === "string" ? new Uint8Array(0) : dataOf({ pattern: 131_082 });
}
