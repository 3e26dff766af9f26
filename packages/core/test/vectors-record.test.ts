import { Buffer } from "node:buffer";
import { expect } from "vitest";
import { type DataKey, fromText, inspect, joinEnvelope, LetterlockError, open, openDataKey, splitEnvelope } from "../src/index.ts";
import { collect, inChunks } from "./support/chunks.ts";
import { contextOf, type OpeningVector, openOptionsOf } from "./support/opening-vector.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { recordedSource } from "./support/recorded-source.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, dataOf, type VectorBytes } from "./support/vector-file.ts";
import { keksOf } from "./support/vector-kek.ts";

interface RecordVector extends OpeningVector {
  readonly keyBlobs: Readonly<Record<string, VectorBytes>>;
}

vectorCases<RecordVector>("record", async (vector) => {
  const record = bytesOf(vector.object);
  const expected = expectedOutcome(vector, () => dataOf(vector.plaintext ?? ""));
  const aad = bytesOf(vector.aad);
  const attempts: string[] = [];
  const opened = async (run: (key: DataKey) => Uint8Array | Promise<Uint8Array>) => {
    attempts.length = 0;
    const outcome = await outcomeOf(async () => {
      const { keyId } = inspect(record);
      using key = await openDataKey(stored(vector, keyId), keksOf(vector.keks, attempts), { context: contextOf(vector), keyId });
      return await run(key);
    });
    if (vector.attempts !== undefined) expect(attempts).toEqual(vector.attempts);
    return outcome;
  };
  expect(await opened((key) => key.open(record, { aad }))).toEqual(expected);
  expect(await opened((key) => collect(key.openStream([record], { aad })))).toEqual(expected);
  expect(await opened((key) => collect(key.openStream(inChunks(record, 1), { aad })))).toEqual(expected);
  expect(await opened((key) => key.openRange(recordedSource(record), whole(record), { aad }))).toEqual(expected);
  await sameThroughJoin(vector, record, expected);
});

/** The KeyBlob that the store holds under a keyId. */
function stored({ keyBlobs }: RecordVector, keyId: string): Uint8Array {
  const blob = keyBlobs[Buffer.from(fromText(keyId)).toString("hex")];
  if (blob === undefined) throw new LetterlockError("unknown-key", "no key blob");
  return bytesOf(blob);
}

function whole(record: Uint8Array): { start: number; end: number } {
  const info = inspect(record);
  return { start: 0, end: info.type === "record" ? (info.plaintextBytes ?? 0) : 0 };
}

/** Where the store has one key blob, joining it with the record gives an envelope that opens alike. */
async function sameThroughJoin(vector: RecordVector, record: Uint8Array, expected: object): Promise<void> {
  const blobs = Object.entries(vector.keyBlobs).filter(
    ([keyId]) => record.length < 36 || keyId === Buffer.from(record.subarray(4, 36)).toString("hex"),
  );
  for (const [, value] of blobs) {
    const blob = bytesOf(value);
    const joining = async () => {
      const envelope = joinEnvelope(blob, record);
      expect(splitEnvelope(envelope)).toEqual({ blob, record });
      return await open(envelope, keksOf(vector.keks), openOptionsOf(vector));
    };
    expect(await outcomeOf(joining)).toEqual(expected);
  }
}
