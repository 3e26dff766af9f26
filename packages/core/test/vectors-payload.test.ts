import { Buffer } from "node:buffer";
import { createHash, createSecretKey } from "node:crypto";
import { expect, vi } from "vitest";
import { readSource } from "../src/byte-source.ts";
import { makeCore } from "../src/context.ts";
import { manyMessageKeys, messageKeys } from "../src/message-key.ts";
import type { OpenedKey } from "../src/open-header.ts";
import { layoutOf, messageOf, openPayload, payloadBytesOf, sealPayload } from "../src/payload.ts";
import { openedStream, sealedStream } from "../src/payload-stream.ts";
import type { SuiteId } from "../src/suite.ts";
import { collect, inChunks } from "./support/chunks.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, dataOf, type Vector, type VectorBytes, type VectorData } from "./support/vector-file.ts";

interface PayloadVector extends Vector {
  readonly suite: SuiteId;
  readonly key: VectorBytes;
  readonly keyId: VectorBytes;
  readonly aad: VectorBytes;
  readonly salt?: VectorBytes;
  readonly plaintext?: VectorData;
  readonly payload?: VectorBytes;
  readonly payloadLength?: number;
  readonly payloadSha256?: string;
  readonly index?: number;
  readonly segment?: VectorBytes;
  readonly object?: VectorBytes;
}

/** The salt that core draws next: the one of the vector. */
const drawn = vi.hoisted(() => ({ salt: new Uint8Array(24) as Uint8Array }));
vi.mock(import("../src/random.ts"), async (original) => ({
  ...(await original()),
  randomSalt: () => new Uint8Array(drawn.salt),
  writeSalt: (target: Uint8Array, offset: number) => target.set(drawn.salt, offset),
}));

vectorCases<PayloadVector>("payload", async (vector) => {
  const key = createSecretKey(bytesOf(vector.key));
  const keyId = bytesOf(vector.keyId);
  const core = makeCore(vector.suite, 1, [], new Set());
  const disposed = manyMessageKeys(key, keyId);
  disposed[Symbol.dispose]();
  using live = manyMessageKeys(key, keyId);
  for (const keys of [messageKeys(key, keyId), live, disposed]) {
    const opened: OpenedKey = { key, keyId, core, messageKeys: keys };
    if (vector.object !== undefined) await openedAs(vector, opened, bytesOf(vector.object));
    else if (vector.index !== undefined) oneSegment(vector, opened, vector.index);
    else await sealedAs(vector, opened);
  }
});

async function openedAs(vector: PayloadVector, opened: OpenedKey, payload: Uint8Array): Promise<void> {
  const expected = expectedOutcome(vector, () => dataOf(vector.plaintext ?? ""));
  const aad = bytesOf(vector.aad);
  const stream = (size: number) =>
    collect(openedStream(readSource("payload", inChunks(payload, size), new AbortController().signal), aad, async () => opened));
  expect(await outcomeOf(() => openPayload(opened, payload, 0, aad))).toEqual(expected);
  expect(await outcomeOf(() => openPayload(opened, behind(payload, 5), 5, aad))).toEqual(expected);
  expect(await outcomeOf(() => stream(payload.length + 1))).toEqual(expected);
  expect(await outcomeOf(() => stream(payload.length < 4096 ? 1 : 7))).toEqual(expected);
}

function oneSegment(vector: PayloadVector, opened: OpenedKey, index: number): void {
  const message = messageOf(opened, bytesOf(vector.salt ?? ""), bytesOf(vector.aad));
  const { ciphertext, tag } = message.sealSegment(index, dataOf(vector.plaintext ?? ""));
  expect(Buffer.concat([ciphertext, tag]).toString("hex")).toBe(vector.segment);
  expect(message.openSegment(index, bytesOf(vector.segment ?? ""))).toEqual(dataOf(vector.plaintext ?? ""));
}

async function sealedAs(vector: PayloadVector, opened: OpenedKey): Promise<void> {
  drawn.salt = bytesOf(vector.salt ?? "");
  const plaintext = dataOf(vector.plaintext ?? "");
  const aad = bytesOf(vector.aad);
  const length = payloadBytesOf(plaintext.length);
  const payload = new Uint8Array(length);
  sealPayload(opened, plaintext, aad, payload, 0);
  expectPayload(vector, payload);
  const target = new Uint8Array(length + 5);
  sealPayload(opened, plaintext, aad, target, 5);
  expectPayload(vector, target.slice(5));
  expect(layoutOf(length).plaintextBytes).toBe(plaintext.length);

  const source = readSource("plaintext", inChunks(plaintext, 1000), new AbortController().signal);
  expectPayload(vector, await collect(sealedStream(source, aad, async () => ({ head: new Uint8Array(0), opened }))));
  await openedAs(vector, opened, payload);
}

function behind(payload: Uint8Array, offset: number): Uint8Array {
  const object = new Uint8Array(offset + payload.length);
  object.set(payload, offset);
  return object;
}

function expectPayload(vector: PayloadVector, payload: Uint8Array): void {
  if (vector.payload !== undefined) {
    expect(Buffer.from(payload).equals(bytesOf(vector.payload))).toBe(true);
    return;
  }
  expect(payload.length).toBe(vector.payloadLength);
  expect(createHash("sha256").update(payload).digest("hex")).toBe(vector.payloadSha256);
}
