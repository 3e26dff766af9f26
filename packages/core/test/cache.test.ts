import { describe, expect, test } from "vitest";
import {
  asStored,
  createDataKey,
  createKeyCache,
  inspect,
  open,
  openDataKey,
  openRange,
  openReader,
  openStream,
  rewrap,
  seal,
  sealStream,
} from "../src/index.ts";
import { countingKek, ProviderFailure } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf, thrownBy } from "./support/rejection.ts";
import { flipped, withDamagedMac, withDamagedWrapped } from "./support/tampered.ts";
import { collect } from "./support/tracked-source.ts";

// Rule 8: what a cache holds, for whom, and what it still checks.

const limits = { maxAgeMs: 60_000, maxUses: 1000, maxBytes: 1_000_000, maxEntries: 10 };
const message = new TextEncoder().encode("hello");
const plaintext = new Uint8Array(message);
const keyIdOf = (envelope: Uint8Array) => inspect(envelope).keyId;
const distinct = (envelopes: readonly Uint8Array[]) => new Set(envelopes.map(keyIdOf)).size;

describe("createKeyCache", () => {
  test.each(Object.keys(limits))("requires %s, a number above 0", (name) => {
    const { [name as "maxUses"]: _, ...others } = limits;
    expect(thrownBy(() => createKeyCache(others as typeof limits))).toBeInstanceOf(TypeError);
    for (const value of [0, -1, Number.NaN, 2 ** 60])
      expect(thrownBy(() => createKeyCache({ ...limits, [name]: value }))).toBeInstanceOf(RangeError);
    expect(thrownBy(() => createKeyCache({ ...limits, [name]: "5" }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => createKeyCache({ ...limits, [name]: undefined }))).toBeInstanceOf(TypeError);
    if (name !== "maxAgeMs") expect(thrownBy(() => createKeyCache({ ...limits, [name]: 1.5 }))).toBeInstanceOf(RangeError);
  });

  test("refuses nothing, null and unknown limits", () => {
    for (const wrong of [undefined, null, 7, { ...limits, maxSize: 1 }])
      expect(thrownBy(() => createKeyCache(wrong as unknown as typeof limits))).toBeInstanceOf(TypeError);
  });

  test("makes caches that only this module accepts", async () => {
    const forged = { "letterlock:key-cache": true as const, clear: () => undefined, [Symbol.dispose]: () => undefined };
    expect(await rejectionOf(seal(message, [countingKek()], { cache: forged }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => openStream([], [countingKek()], { cache: forged }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => sealStream([], [countingKek()], { cache: forged }))).toBeInstanceOf(TypeError);
  });
});

describe("a hit", () => {
  test("saves the call for every function that opens", async () => {
    const kek = countingKek();
    const envelope = await seal(message, [kek]);
    const { blob } = await createDataKey([kek]);
    const source = { size: envelope.length, read: async (start: number, end: number) => envelope.slice(start, end) };
    const options = { cache: createKeyCache(limits) };
    kek.calls.length = 0;
    for (let round = 0; round < 3; round++) {
      expect(await open(envelope, [kek], options)).toEqual(plaintext);
      expect(await collect(openStream([envelope], [kek], options))).toEqual(plaintext);
      expect(await openRange(source, [kek], { start: 1, end: 3 }, options)).toEqual(plaintext.slice(1, 3));
      (await openReader(source, [kek], options))[Symbol.dispose]();
      (await openDataKey(blob, [kek], options))[Symbol.dispose]();
    }
    expect(kek.calls).toEqual(["unwrap", "unwrap"]);
  });

  test("still checks mac, context, keyId and payload, without a call", async () => {
    const kek = countingKek();
    const context = { tenant: "acme" };
    const cache = createKeyCache(limits);
    const envelope = await seal(message, [kek], { context });
    const { blob } = await createDataKey([kek], { context });
    await open(envelope, [kek], { context, cache });
    await openDataKey(blob, [kek], { context, cache });
    kek.calls.length = 0;
    await letterlockError(open(withDamagedMac(envelope), [kek], { context, cache }), "not-authentic");
    await letterlockError(open(envelope, [kek], { cache }), "context-mismatch");
    await letterlockError(open(envelope, [kek], { context: { tenant: "evil" }, cache }), "context-mismatch");
    await letterlockError(open(flipped(envelope, -1), [kek], { context, cache }), "not-authentic");
    await letterlockError(openDataKey(blob, [kek], { context, cache, keyId: "A".repeat(43) }), "unknown-key");
    expect(await open(envelope, [kek], { context, cache })).toEqual(plaintext);
    expect(kek.calls).toEqual([]);
  });

  test("checks the list of recipients of another header of the same key", async () => {
    const [kek, other] = [countingKek(), countingKek({ keyRef: "other" })];
    const cache = createKeyCache(limits);
    const envelope = await seal(message, [kek]);
    await open(envelope, [kek], { cache });
    const longer = await rewrap(envelope, { from: [kek], to: [kek, other] });
    kek.calls.length = 0;
    expect(await open(longer, [kek], { cache })).toEqual(plaintext);
    await letterlockError(open(withDamagedMac(longer), [kek], { cache }), "not-authentic");
    expect(await open(envelope, [kek], { cache })).toEqual(plaintext);
    expect(kek.calls).toEqual([]);
  });

  test("is not made by an opening that failed", async () => {
    const kek = countingKek();
    const cache = createKeyCache(limits);
    const envelope = await seal(message, [kek]);
    kek.calls.length = 0;
    await letterlockError(open(withDamagedMac(envelope), [kek], { cache }), "not-authentic");
    await open(envelope, [kek], { cache });
    expect(kek.calls).toEqual(["unwrap", "unwrap"]);
    const info = inspect(envelope);
    const wrapped = info.type === "envelope" ? info.header.recipients[0]?.wrapped : undefined;
    expect(await open(withDamagedWrapped(envelope, wrapped ?? plaintext), [kek], { cache })).toEqual(plaintext);
  });
});

describe("entries are kept apart by", () => {
  const sealed = async (variants: readonly (readonly [ReturnType<typeof countingKek>[], object])[]) => {
    const cache = createKeyCache(limits);
    const envelopes: Uint8Array[] = [];
    for (let round = 0; round < 2; round++)
      for (const [keks, options] of variants) envelopes.push(await seal(message, keks, { ...options, cache }));
    return distinct(envelopes);
  };
  const [a, b] = [countingKek({ keyRef: "a" }), countingKek({ keyRef: "b" })];

  test("the KEK objects and their order when sealing", async () => {
    expect(
      await sealed([
        [[a], {}],
        [[a], {}],
      ]),
    ).toBe(1);
    expect(
      await sealed([
        [[a], {}],
        [[countingKek({ keyRef: "a" })], {}],
        [[a, b], {}],
        [[b, a], {}],
      ]),
    ).toBe(4);
  });

  test("suite, context and detached keys when sealing", async () => {
    const context = { tenant: "acme" };
    const variants = [{}, { suite: "chacha20-poly1305" }, { context }, { context, detached: ["tenant"] }, { context: { tenant: "b" } }];
    expect(await sealed(variants.map((options) => [[a], options] as const))).toBe(5);
    expect(
      await sealed([
        [[a], { context: { x: "1", y: "2" } }],
        [[a], { context: { y: "2", x: "1" } }],
      ]),
    ).toBe(1);
  });

  test("the KEK objects, their order and the policy when opening", async () => {
    const envelope = await seal(message, [a, b]);
    const cache = createKeyCache(limits);
    const denied = countingKek({ keyRef: "a", unwrap: () => Promise.reject(new ProviderFailure("access-denied")) });
    await open(envelope, [a], { cache });
    await letterlockError(open(envelope, [denied], { cache }), "access-denied");
    for (const calls of [a.calls, b.calls]) calls.length = 0;
    for (let round = 0; round < 2; round++) {
      await open(envelope, [a, b], { cache });
      await open(envelope, [b, a], { cache });
      await open(envelope, [a], { cache, requireAuthenticatedWrap: true });
    }
    expect([a.calls, b.calls]).toEqual([["unwrap", "unwrap"], ["unwrap"]]);
    const weak = countingKek({ keyRef: "a", authenticatesWrap: false });
    await open(envelope, [weak], { cache });
    await letterlockError(open(envelope, [weak], { cache, requireAuthenticatedWrap: true }), "no-matching-kek");
    await letterlockError(open(envelope, [], { cache }), "no-matching-kek");
  });

  test("the values that asStored is given", async () => {
    const envelope = await seal(message, [a], { context: { id: "7" }, detached: ["id"] });
    const cache = createKeyCache(limits);
    await open(envelope, [a], { cache, context: asStored({ id: "7" }) });
    await letterlockError(open(envelope, [a], { cache, context: asStored({ id: "8" }) }), "not-authentic");
  });
});
