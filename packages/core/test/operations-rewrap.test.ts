import { describe, expect, test } from "vitest";
import {
  asStored,
  createDataKey,
  envelopeHead,
  headerOf,
  inspect,
  joinEnvelope,
  open,
  openDataKey,
  rekey,
  rewrap,
  rewrapStream,
  seal,
  splitEnvelope,
  verify,
} from "../src/index.ts";
import { countingKek, failingKek } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf, thrownBy } from "./support/rejection.ts";
import { flipped, withDamagedMac, withDamagedWrapped } from "./support/tampered.ts";
import { collect } from "./support/tracked-source.ts";

const message = new Uint8Array(70_000).fill(9);
const named = (keyRef: string) => countingKek({ keyRef });
const [a, b, c] = [named("a"), named("b"), named("c")];
const context = { tenant: "acme", id: "7" };
const envelope = await seal(message, [a, b], { context, detached: ["id"], suite: "chacha20-poly1305", aad: "row" });
const payloadOf = (bytes: Uint8Array) => bytes.slice(headerOf(bytes).payloadOffset);
const recipientsOf = (bytes: Uint8Array) => {
  const info = inspect(bytes);
  if (info.type === "record") throw new Error("a record has no recipients");
  return info.header.recipients;
};
const refs = (bytes: Uint8Array) => recipientsOf(bytes).map(({ keyRef }) => keyRef);

describe("rewrap", () => {
  test("leaves exactly the recipients of to, and the payload and keyId as they are", async () => {
    const moved = await rewrap(envelope, { from: [a], to: [c] }, { context });
    expect(refs(moved)).toEqual(["c"]);
    expect([payloadOf(moved), inspect(moved).keyId]).toEqual([payloadOf(envelope), inspect(envelope).keyId]);
    expect(await open(moved, [c], { context, aad: "row" })).toEqual(message);
    await letterlockError(open(moved, [a, b], { context, aad: "row" }), "no-matching-kek");
  });

  test("keeps the bytes of recipients that keep names, also where to is empty", async () => {
    const before = recipientsOf(envelope);
    const longer = await rewrap(envelope, { from: [a], to: [c], keep: ({ keyRef }) => keyRef === "b" }, { context });
    expect(refs(longer)).toEqual(["b", "c"]);
    expect(recipientsOf(longer)[0]).toEqual(before[1]);
    const shorter = await rewrap(envelope, { from: [b], to: [], keep: ({ keyRef }) => keyRef === "a" }, { context });
    expect(recipientsOf(shorter)).toEqual([before[0]]);
    expect(await open(shorter, [a], { context, aad: "row" })).toEqual(message);
  });

  test("wraps a recipient of to anew and does not ask keep about it", async () => {
    const asked: string[] = [];
    const again = countingKek({ keyRef: "a", keyVersion: "2" });
    const keep = ({ keyRef }: { keyRef: string }) => asked.push(keyRef) > 0;
    const moved = await rewrap(envelope, { from: [a], to: [again], keep }, { context });
    expect([asked, again.calls, refs(moved)]).toEqual([["b"], ["wrap"], ["a", "b"]]);
    expect(recipientsOf(moved)[0]?.keyVersion).toBe("2");
  });

  test("refuses a keep that leaves nobody, or that answers with a promise", async () => {
    expect(await rejectionOf(rewrap(envelope, { from: [a], to: [], keep: () => false }, { context }))).toBeInstanceOf(RangeError);
    const promising = (async () => true) as unknown as () => boolean;
    expect(await rejectionOf(rewrap(envelope, { from: [a], to: [c], keep: promising }, { context }))).toBeInstanceOf(TypeError);
  });

  test("takes 16 recipients and refuses 17", async () => {
    const to = Array.from({ length: 14 }, (_, i) => named(`k${i}`));
    expect(refs(await rewrap(envelope, { from: [a], to, keep: () => true }, { context }))).toHaveLength(16);
    await letterlockError(rewrap(envelope, { from: [a], to: [...to, c], keep: () => true }, { context }), "limit-exceeded");
  });

  test("is all or nothing, and does not wrap a key whose list of recipients was changed", async () => {
    const to = named("to");
    await letterlockError(rewrap(withDamagedMac(envelope), { from: [a], to: [to] }, { context }), "not-authentic");
    expect(to.calls).toEqual([]);
    const denied = countingKek({ keyRef: "denied", wrap: () => Promise.reject(new Error("no")) });
    await letterlockError(rewrap(envelope, { from: [a], to: [c, denied] }, { context }), "provider-error");
  });

  test("takes the stored context and the detached values where asked to", async () => {
    const moved = await rewrap(envelope, { from: [a], to: [c] }, { context: asStored({ id: "7" }) });
    expect(await open(moved, [c], { context, aad: "row" })).toEqual(message);
    await letterlockError(rewrap(envelope, { from: [a], to: [c] }, { context: asStored() }), "context-mismatch");
    await letterlockError(rewrap(envelope, { from: [a], to: [c] }, { context: asStored({ id: "8" }) }), "not-authentic");
  });

  test("does the same in a stream, and of a key blob", async () => {
    for (const size of [1, 1000, envelope.length]) {
      const chunks = Array.from({ length: Math.ceil(envelope.length / size) }, (_, i) => envelope.slice(i * size, (i + 1) * size));
      const moved = await collect(rewrapStream(chunks, { from: [a], to: [c] }, { context }));
      expect(await open(moved, [c], { context, aad: "row" })).toEqual(message);
    }
    const { blob } = splitEnvelope(envelope);
    const moved = await rewrap(blob, { from: [a], to: [c] }, { context });
    const head = envelopeHead(moved);
    expect(await open(Uint8Array.from([...head, ...payloadOf(envelope)]), [c], { context, aad: "row" })).toEqual(message);
  });
});

describe("rekey", () => {
  test("carries over what change does not name", async () => {
    const fresh = await rekey(envelope, { from: [a], to: [c] }, { context, aad: "row" });
    expect(inspect(fresh).keyId).not.toBe(inspect(envelope).keyId);
    expect(inspect(fresh)).toMatchObject({ header: { suite: "chacha20-poly1305", context: { tenant: "acme" }, detached: ["id"] } });
    expect(await open(fresh, [c], { context, aad: "row" })).toEqual(message);
  });

  test("changes what it names", async () => {
    const change = { context: { tenant: "b", more: "1" }, detached: ["more"], suite: "aes-256-gcm", aad: "new" } as const;
    const fresh = await rekey(envelope, { from: [a], to: [c] }, { context, aad: "row", change });
    expect(inspect(fresh)).toMatchObject({ header: { suite: "aes-256-gcm", context: { tenant: "b" }, detached: ["more"] } });
    expect(await open(fresh, [c], { context: change.context, aad: "new" })).toEqual(message);
    const noAad = await rekey(envelope, { from: [a], to: [c] }, { context, aad: "row", change: { aad: "", detached: [] } });
    expect(await open(noAad, [c], { context })).toEqual(message);
    expect(inspect(noAad)).toMatchObject({ header: { context, detached: [] } });
  });

  test("refuses a damaged payload, another aad and change that cannot be, without wrapping", async () => {
    const to = named("to");
    await letterlockError(rekey(flipped(envelope, -1), { from: [a], to: [to] }, { context, aad: "row" }), "not-authentic");
    await letterlockError(rekey(envelope, { from: [a], to: [to] }, { context }), "not-authentic");
    const change = { detached: ["nothing"] };
    expect(await rejectionOf(rekey(envelope, { from: [a], to: [to] }, { context, aad: "row", change }))).toBeInstanceOf(TypeError);
    expect(to.calls).toEqual([]);
  });
});

describe("verify", () => {
  const garbled = withDamagedWrapped(envelope, recipientsOf(envelope)[0]?.wrapped ?? message);

  test("finds the one garbled recipient that open does not notice", async () => {
    const report = await verify(garbled, [a, b], { context, payload: { aad: "row" } });
    expect(report.ok).toBe(false);
    expect(report.recipients.map(({ keyRef, status }) => [keyRef, status])).toEqual([
      ["a", "not-authentic"],
      ["b", "ok"],
    ]);
    expect((await verify(envelope, [a, b], { context })).ok).toBe(true);
  });

  test("reports recipients that nobody opens, and rejects when none is ok", async () => {
    const report = await verify(envelope, [b, failingKek("throttled", { keyRef: "x" })], { context });
    expect(report.recipients.map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ["no-matching-kek", 0],
      ["ok", 0],
    ]);
    await letterlockError(verify(garbled, [a], { context }), "not-authentic");
    await letterlockError(
      verify(envelope, [failingKek("access-denied", { keyRef: "a" }), failingKek("throttled", { keyRef: "b" })], { context }),
      "throttled",
    );
  });

  test("checks mac and payload", async () => {
    await letterlockError(verify(withDamagedMac(envelope), [a, b], { context }), "not-authentic");
    expect((await verify(flipped(envelope, -1), [a, b], { context })).ok).toBe(true);
    await letterlockError(verify(flipped(envelope, -1), [a, b], { context, payload: { aad: "row" } }), "not-authentic");
    await letterlockError(verify(envelope, [a, b], { context, payload: { aad: "" } }), "not-authentic");
  });
});

describe("split, join, headerOf and envelopeHead", () => {
  test("copy bytes, from any prefix that holds the header", () => {
    const { blob, record } = splitEnvelope(envelope);
    expect(joinEnvelope(blob, record)).toEqual(envelope);
    const { payloadOffset } = headerOf(envelope);
    for (const end of [payloadOffset, payloadOffset + 1, envelope.length])
      expect(headerOf(envelope.subarray(0, end))).toEqual({ blob, payloadOffset });
    for (let end = 0; end < payloadOffset; end++)
      expect(thrownBy(() => headerOf(envelope.subarray(0, end)))).toMatchObject({ code: "malformed" });
    expect(envelopeHead(blob)).toEqual(envelope.slice(0, payloadOffset));
  });

  test("inspect tells the same of a prefix when it knows the size", () => {
    const { payloadOffset } = headerOf(envelope);
    expect(inspect(envelope.subarray(0, payloadOffset), { size: envelope.length })).toEqual(inspect(envelope));
    expect(inspect(envelope)).toMatchObject({ type: "envelope", plaintextBytes: 70_000 });
    expect(inspect(envelope.subarray(0, payloadOffset + 30))).toMatchObject({ plaintextBytes: undefined });
    expect(thrownBy(() => inspect(envelope, { size: 10 }))).toBeInstanceOf(RangeError);
    expect(inspect(splitEnvelope(envelope).record)).toMatchObject({ type: "record", plaintextBytes: 70_000 });
  });
});

test("a disposed data key throws a TypeError from every member but keyId", async () => {
  const { key, blob } = await createDataKey([a]);
  const record = key.seal(message, { aad: "" });
  const opened = await openDataKey(blob, [a], { keyId: key.keyId });
  key[Symbol.dispose]();
  const source = { size: record.length, read: async (start: number, end: number) => record.slice(start, end) };
  expect(thrownBy(() => key.seal(message, { aad: "" }))).toBeInstanceOf(TypeError);
  expect(thrownBy(() => key.open(record, { aad: "" }))).toBeInstanceOf(TypeError);
  expect(thrownBy(() => key.sealStream([], { aad: "" }))).toBeInstanceOf(TypeError);
  expect(thrownBy(() => key.openStream([], { aad: "" }))).toBeInstanceOf(TypeError);
  expect(await rejectionOf(key.openRange(source, { start: 0, end: 1 }, { aad: "" }))).toBeInstanceOf(TypeError);
  key[Symbol.dispose]();
  expect(opened.open(record, { aad: "" })).toEqual(message);
  expect(opened.keyId).toBe(key.keyId);
});
