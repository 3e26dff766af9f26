import { Buffer } from "node:buffer";
import { expect } from "vitest";
import {
  asStored,
  type Context,
  envelopeHead,
  headerOf,
  inspect,
  type Kek,
  type Recipient,
  type RewrapOptions,
  refresh,
  rewrap,
  rewrapStream,
} from "../src/index.ts";
import { collect, inChunks } from "./support/chunks.ts";
import { contextOf } from "./support/opening-vector.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";
import { keksOf } from "./support/vector-kek.ts";

interface GivenRecipient {
  readonly provider: string;
  readonly keyRef: string;
  readonly keyVersion: string;
  readonly wrapped: VectorBytes;
}

interface RewrapVector extends Vector, Partial<GivenRecipient> {
  readonly object: VectorBytes;
  readonly usage?: 1 | 2;
  readonly context: Context;
  readonly asStored?: boolean;
  readonly keks: readonly string[];
  readonly recipients?: readonly GivenRecipient[];
  readonly out?: VectorBytes;
}

vectorCases<RewrapVector>("rewrap", async (vector) => {
  if (vector.recipients === undefined) await withoutKey(vector);
  else await withKey(vector, vector.recipients);
});

async function withKey(vector: RewrapVector, recipients: readonly GivenRecipient[]): Promise<void> {
  const object = bytesOf(vector.object);
  const expected = expectedOutcome(vector, () => bytesOf(vector.out ?? ""));
  const options: RewrapOptions = { context: contextOf(vector), usage: vector.usage === 2 ? "kek" : "data" };
  const keks = () => ({ from: keksOf(vector.keks), to: recipients.map(scripted) });
  expect(await outcomeOf(() => rewrap(object, keks(), options))).toEqual(expected);

  // The stream takes envelopes: a key blob becomes one with any payload behind it.
  const payload = Uint8Array.of(1, 2, 3);
  const blob = object[3] === 0x11;
  const envelope = blob ? Buffer.concat([envelopeHead(object), payload]) : object;
  const streaming = async (chunks: Iterable<Uint8Array>) => {
    const out = await collect(rewrapStream(chunks, keks(), options));
    if (!blob) return out;
    const head = headerOf(out);
    expect(out.slice(head.payloadOffset)).toEqual(payload);
    return head.blob;
  };
  expect(await outcomeOf(() => streaming([envelope]))).toEqual(expected);
  expect(await outcomeOf(() => streaming(inChunks(envelope, 1)))).toEqual(expected);

  if (vector.result === "valid") {
    const { kept, others } = split(object, recipients);
    const keep = ({ provider, keyRef }: Recipient) => kept.some((own) => own.provider === provider && own.keyRef === keyRef);
    const keeping = { from: keksOf(vector.keks), to: others.map(scripted), keep };
    expect(await outcomeOf(() => rewrap(object, keeping, options))).toEqual(expected);
  }
}

/** The agent has no key and no expectation. An impossible value is the fault of the KEK that gave it: "provider-error" (SPEC section 11). */
async function withoutKey(vector: RewrapVector): Promise<void> {
  const { provider, keyRef, keyVersion, wrapped } = vector as GivenRecipient;
  const given = { provider, keyRef, keyVersion, wrapped };
  const kek: Kek = { ...scripted(given), rewrap: async () => ({ wrapped: bytesOf(wrapped), keyVersion }) };
  const outcome = await outcomeOf(async () => {
    const { object, recipients } = await refresh(bytesOf(vector.object), [kek], { context: asStored() });
    expect(recipients.filter(({ status }) => status === "rewrapped")).toEqual([expect.objectContaining({ provider, keyRef })]);
    expect(recipients.filter(({ status }) => status !== "rewrapped").every(({ status }) => status === "not-owned")).toBe(true);
    return object;
  });
  const misuse = { result: "invalid", error: "provider-error" };
  expect(outcome).toEqual(vector.result === "misuse" ? misuse : expectedOutcome(vector, () => bytesOf(vector.out ?? "")));
}

/** A KEK that wraps with the given result and can do nothing else. */
function scripted({ provider, keyRef, keyVersion, wrapped }: GivenRecipient): Kek {
  return {
    provider,
    keyRef,
    bindsContext: false,
    authenticatesWrap: true,
    errorCode: () => "provider-error",
    owns: (recipient) => recipient.provider === provider && recipient.keyRef === keyRef,
    wrap: async () => ({ wrapped: bytesOf(wrapped), keyVersion }),
    unwrap: async () => {
      throw new Error("is not asked to unwrap");
    },
  };
}

/** The recipients that the object already has as they shall be, and the others. */
function split(object: Uint8Array, recipients: readonly GivenRecipient[]): { kept: GivenRecipient[]; others: GivenRecipient[] } {
  const info = inspect(object);
  const stored = info.type === "record" ? [] : info.header.recipients;
  const isStored = (given: GivenRecipient) =>
    stored.some(
      (own) =>
        own.provider === given.provider &&
        own.keyRef === given.keyRef &&
        (own.keyVersion ?? "") === given.keyVersion &&
        Buffer.from(own.wrapped).equals(bytesOf(given.wrapped)),
    );
  return { kept: recipients.filter(isStored), others: recipients.filter((given) => !isStored(given)) };
}
