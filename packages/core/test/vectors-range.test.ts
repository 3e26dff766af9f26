import { Buffer } from "node:buffer";
import { expect } from "vitest";
import { fromText, inspect, openDataKey, openRange, openReader, type RangeSource } from "../src/index.ts";
import { parseObject } from "../src/object.ts";
import { contextOf, type OpeningVector, openOptionsOf } from "./support/opening-vector.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { type Read, recordedSource } from "./support/recorded-source.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, dataOf, type VectorBytes } from "./support/vector-file.ts";
import { keksOf } from "./support/vector-kek.ts";

interface RangeVector extends OpeningVector {
  readonly keyBlobs?: Readonly<Record<string, VectorBytes>>;
  readonly start: number;
  readonly end: number;
}

vectorCases<RangeVector>("range", async (vector) => {
  const object = bytesOf(vector.object);
  const expected = expectedOutcome(vector, () => dataOf(vector.plaintext ?? ""));
  for (const read of vector.keyBlobs === undefined ? [throughRange, throughReader] : [throughDataKey]) {
    const source = recordedSource(object);
    expect(await outcomeOf(() => read(vector, source))).toEqual(expected);
    const allowed = segmentsOf(vector, object);
    for (const segment of segmentsRead(object, source.reads)) expect(allowed).toContain(segment);
  }
});

async function throughRange(vector: RangeVector, source: RangeSource): Promise<Uint8Array> {
  return await openRange(source, keksOf(vector.keks), rangeOf(vector), openOptionsOf(vector));
}

async function throughReader(vector: RangeVector, source: RangeSource): Promise<Uint8Array> {
  using reader = await openReader(source, keksOf(vector.keks), openOptionsOf(vector));
  const info = inspect(bytesOf(vector.object));
  expect(info.type === "envelope" && info.plaintextBytes).toBe(reader.plaintextBytes);
  return await reader.read(rangeOf(vector));
}

async function throughDataKey(vector: RangeVector, source: RangeSource): Promise<Uint8Array> {
  const { keyId } = inspect(bytesOf(vector.object));
  const blob = vector.keyBlobs?.[Buffer.from(fromText(keyId)).toString("hex")] ?? "";
  using key = await openDataKey(bytesOf(blob), keksOf(vector.keks), { context: contextOf(vector), keyId });
  return await key.openRange(source, rangeOf(vector), { aad: bytesOf(vector.aad) });
}

function rangeOf({ start, end }: RangeVector): { start: number; end: number } {
  return { start, end };
}

/** The final segment, and those that overlap the range. */
function segmentsOf({ start, end }: RangeVector, object: Uint8Array): readonly number[] {
  const final = segmentAt(object, object.length - 1);
  const overlapping = Array.from({ length: final + 1 }, (_, i) => i).filter(
    (i) => start < end && start < (i + 1) * 65_536 && end > i * 65_536,
  );
  return [...overlapping, final];
}

function segmentsRead(object: Uint8Array, reads: readonly Read[]): readonly number[] {
  const first = firstSegment(object);
  return reads
    .filter(({ start, end }) => end > start && end > first)
    .flatMap(({ start, end }) => {
      const from = segmentAt(object, Math.max(start, first));
      return Array.from({ length: segmentAt(object, end - 1) - from + 1 }, (_, i) => from + i);
    });
}

function segmentAt(object: Uint8Array, offset: number): number {
  return Math.floor((offset - firstSegment(object)) / 65_552);
}

function firstSegment(object: Uint8Array): number {
  return parseObject(object, ["envelope", "record"]).payloadOffset + 24;
}
