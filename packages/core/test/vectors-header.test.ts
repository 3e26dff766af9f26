import { Buffer } from "node:buffer";
import { createSecretKey } from "node:crypto";
import { expect } from "vitest";
import { makeCore, readContext } from "../src/context.ts";
import { buildHeader } from "../src/create-header.ts";
import { deriveKeyId } from "../src/derive.ts";
import { encodeHeader, type Header } from "../src/header.ts";
import { type Context, inspect, open, openDataKey, openReader, openStream, rewrap, verify } from "../src/index.ts";
import { envelopeHeadOf, keyBlobOf, parseObject } from "../src/object.ts";
import { collect } from "./support/chunks.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { recordedSource } from "./support/recorded-source.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";

interface HeaderVector extends Vector {
  readonly object: VectorBytes;
  readonly header: {
    readonly type: "keyblob" | "envelope" | "record";
    readonly suite: 1 | 2;
    readonly usage: 1 | 2;
    readonly pairs: readonly { readonly key: string; readonly value: string | null }[];
    readonly keyId: string;
    readonly recipients: readonly { provider: string; keyRef: string; keyVersion: string; wrapped: string }[];
    readonly mac: string;
    readonly payloadOffset?: number;
  };
  readonly key?: VectorBytes;
  readonly context?: Context;
}

vectorCases<HeaderVector>("header", async (vector) => {
  const object = bytesOf(vector.object);
  expect(await outcomeOf(() => fields(object))).toEqual(expectedOutcome(vector, () => vector.header));
  expect(await outcomeOf(() => inspectedFields(object))).toEqual(expectedOutcome(vector, () => inspectable(vector.header)));
  if (vector.result === "invalid") await refusedByEveryReader(vector, object);
  else if (vector.header.type !== "record") rebuilt(vector, object);
});

function fields(object: Uint8Array): unknown {
  const parsed = parseObject(object, ["envelope", "key-blob", "record"]);
  if (parsed.type === "record") return { type: parsed.type, keyId: hex(parsed.keyId), payloadOffset: parsed.payloadOffset };
  const { header } = parsed;
  return {
    type: parsed.type === "key-blob" ? "keyblob" : parsed.type,
    suite: header.suite,
    usage: header.usage,
    pairs: header.pairs.map(({ key, value }) => ({ key, value: value ?? null })),
    keyId: hex(header.keyId),
    recipients: header.recipients.map(({ provider, keyRef, keyVersion, wrapped }) => ({
      provider,
      keyRef,
      keyVersion: keyVersion ?? "",
      wrapped: hex(wrapped),
    })),
    mac: hex(header.mac),
    ...(parsed.type === "envelope" && { payloadOffset: parsed.payloadOffset }),
  };
}

/** What `inspect` says, as far as it says it: pairs without their order, no mac. */
function inspectedFields(object: Uint8Array): unknown {
  const info = inspect(object);
  const keyId = Buffer.from(info.keyId, "base64url").toString("hex");
  if (info.type === "record") return { type: info.type, keyId };
  const { header } = info;
  return {
    type: info.type === "key-blob" ? "keyblob" : info.type,
    suite: header.suite === "aes-256-gcm" ? 1 : 2,
    usage: header.usage === "data" ? 1 : 2,
    keyId,
    stored: Object.entries(header.context).sort(byKey),
    detached: header.detached,
    recipients: header.recipients.map((recipient) => ({
      ...recipient,
      keyVersion: recipient.keyVersion ?? "",
      wrapped: hex(recipient.wrapped),
    })),
  };
}

function inspectable({ type, suite, usage, pairs, keyId, recipients }: HeaderVector["header"]): unknown {
  if (type === "record") return { type, keyId };
  const stored = pairs.flatMap(({ key, value }): [string, string][] => (value === null ? [] : [[key, value]]));
  const detached = pairs.filter(({ value }) => value === null).map(({ key }) => key);
  return { type, suite, usage, keyId, stored: stored.sort(byKey), detached, recipients };
}

/** From the key, the context and the recipients alone, in any order. */
function rebuilt(vector: HeaderVector, object: Uint8Array): void {
  const parsed = parseObject(object, ["envelope", "key-blob"]);
  const key = createSecretKey(bytesOf(vector.key ?? ""));
  const detached = vector.header.pairs.filter(({ value }) => value === null).map((pair) => pair.key);
  const core = makeCore(vector.header.suite, vector.header.usage, readContext(vector.context), new Set(detached));
  const keyId = deriveKeyId(key, core.bytes);
  expect(hex(keyId)).toBe(vector.header.keyId);
  const same = (header: Uint8Array) =>
    expect(hex(parsed.type === "envelope" ? envelopeHeadOf(header) : keyBlobOf(header))).toBe(hex(prefixOf(parsed, object)));
  same(encodeHeader(parsed.header));
  same(encodeHeader(buildHeader(key, keyId, core, parsed.header.recipients)));
  same(encodeHeader(buildHeader(key, keyId, core, parsed.header.recipients.toReversed())));
}

function prefixOf(parsed: { readonly header: Header; readonly payloadOffset?: number }, object: Uint8Array): Uint8Array {
  return object.subarray(0, parsed.payloadOffset ?? object.length);
}

/** Every function that reads an object parses it before anything else, with the same code; an object of a type that it does not take is "malformed". */
async function refusedByEveryReader(vector: HeaderVector, object: Uint8Array): Promise<void> {
  const refused = expectedOutcome(vector);
  const readers = {
    18: [
      () => open(object, []),
      () => collect(openStream([object], [])),
      () => openReader(recordedSource(object), []),
      () => rewrap(object, { from: [], to: [], keep: () => true }),
      () => verify(object, []),
    ],
    17: [() => openDataKey(object, []), () => rewrap(object, { from: [], to: [], keep: () => true }), () => verify(object, [])],
  };
  const type = object.length >= 4 && object[0] === 0x96 ? object[3] : undefined;
  for (const reader of type === 0x11 ? readers[0x11] : readers[0x12]) {
    const record = type === 0x13 ? { result: "invalid", error: "malformed" } : refused;
    expect(await outcomeOf(reader)).toEqual(record);
  }
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
