import { describe, expect, test } from "vitest";
import { createDataKey, createIntermediateKek, inspect, open, refresh, rewrap, seal, sealStream } from "../src/index.ts";
import { countingKek, masked, ProviderFailure } from "./support/counting-kek.ts";
import { letterlockError } from "./support/rejection.ts";

// Rules 2, 6 and 7: all or nothing, generate, impossible values, and zeroed buffers.

const message = new TextEncoder().encode("hello");
const zeros = new Uint8Array(32);
const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const first = (stream: AsyncIterator<Uint8Array>) => stream.next();

describe("sealing", () => {
  test("fails as a whole with the code of the one KEK that cannot wrap, and ends the other calls", async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const slow = countingKek({
      keyRef: "slow",
      wrap: (answer, { signal }) =>
        new Promise((done) => {
          signal.addEventListener("abort", () => {
            resolve();
            done(answer());
          });
        }),
    });
    const denied = countingKek({
      keyRef: "denied",
      wrap: () => {
        throw new ProviderFailure("access-denied");
      },
    });
    const error = await letterlockError(seal(message, [slow, denied]), "access-denied");
    expect([error.provider, error.keyRef, error.attempts.length]).toEqual(["test", "denied", 1]);
    await ended;
    await letterlockError(createDataKey([denied]), "access-denied");
    await letterlockError(createIntermediateKek([denied]), "access-denied");
    await letterlockError(first(sealStream([message], [denied])), "access-denied");
  });

  test("asks the first KEK that can generate, wraps the result for the others, and wraps with none twice", async () => {
    const plain = countingKek({ keyRef: "plain" });
    const maker = countingKek({ keyRef: "maker", generate: (answer) => answer() });
    const other = countingKek({ keyRef: "other", generate: (answer) => answer() });
    const envelope = await seal(message, [plain, maker, other]);
    expect([plain.calls, maker.calls, other.calls]).toEqual([["wrap"], ["generate"], ["wrap"]]);
    for (const kek of [plain, maker, other]) expect(await open(envelope, [kek])).toEqual(new Uint8Array(message));
  });

  test("does not fall back to wrap where generate fails", async () => {
    const maker = countingKek({
      generate: () => {
        throw new ProviderFailure("throttled");
      },
    });
    const plain = countingKek({ keyRef: "plain" });
    await letterlockError(seal(message, [maker, plain]), "throttled");
    expect([maker.calls, plain.calls]).toEqual([["generate"], []]);
  });

  test("keeps the data key that was drawn, whatever a KEK does to the buffer that it is given", async () => {
    const careless = countingKek({
      keyRef: "careless",
      wrap: (answer, _call, dataKey) => {
        const wrapped = answer();
        dataKey.fill(0);
        return wrapped;
      },
    });
    const keys: Uint8Array[] = [];
    const careful = countingKek({
      keyRef: "careful",
      wrap: (answer, _call, dataKey) => {
        keys.push(masked(dataKey));
        return answer();
      },
    });
    const envelope = await seal(message, [careless, careful]);
    expect(keys).not.toEqual([masked(zeros)]);
    expect(await open(envelope, [careless])).toEqual(new Uint8Array(message));
    expect(await open(envelope, [careful])).toEqual(new Uint8Array(message));
  });
});

describe("an impossible value", () => {
  const good = { wrapped: new Uint8Array(8) };
  const impossible: [string, unknown][] = [
    ["undefined", undefined],
    ["null", null],
    ["a string", "wrapped"],
    ["a number", 7],
    ["bytes alone", new Uint8Array(8)],
    ["no bytes", { wrapped: new Uint8Array(0) }],
    ["2049 bytes", { wrapped: new Uint8Array(2049) }],
    ["text as bytes", { wrapped: "wrapped" }],
    ["an array as bytes", { wrapped: [1, 2] }],
    ["a numeric version", { ...good, keyVersion: 7 }],
    ["a null version", { ...good, keyVersion: null }],
    ["a version with a space", { ...good, keyVersion: "a b" }],
    ["a version with a line break", { ...good, keyVersion: "1\n" }],
    ["a version outside ASCII", { ...good, keyVersion: "v\u00e9" }],
    ["a version of 256 bytes", { ...good, keyVersion: "v".repeat(256) }],
  ];
  test.each(impossible)("of wrap is provider-error: %s", async (_what, value) => {
    const error = await letterlockError(seal(message, [countingKek({ wrap: () => value })]), "provider-error");
    expect(error.attempts.map(({ keyRef, code }) => [keyRef, code])).toEqual([["key", "provider-error"]]);
  });

  test.each(impossible)("of rewrap is provider-error: %s", async (_what, value) => {
    const envelope = await seal(message, [countingKek(), countingKek({ keyRef: "other" })]);
    await letterlockError(refresh(envelope, [countingKek({ rewrap: () => value })]), "provider-error");
  });

  test.each(impossible)("of wrap is provider-error in rewrap: %s", async (_what, value) => {
    const envelope = await seal(message, [countingKek()]);
    await letterlockError(rewrap(envelope, { from: [countingKek()], to: [countingKek({ wrap: () => value })] }), "provider-error");
  });

  const dataKey = () => new Uint8Array(32).fill(1);
  test.each<[string, unknown]>([
    ...impossible.map(([what, value]): [string, unknown] => [what, typeof value === "object" ? { ...value, dataKey: dataKey() } : value]),
    ["no data key", good],
    ["a data key of 31 bytes", { ...good, dataKey: new Uint8Array(31).fill(1) }],
    ["a data key of 33 bytes", { ...good, dataKey: new Uint8Array(33).fill(1) }],
    ["a data key as text", { ...good, dataKey: "k".repeat(32) }],
  ])("of generate is provider-error and zeroed: %s", async (_what, value) => {
    await letterlockError(seal(message, [countingKek({ generate: () => value })]), "provider-error");
    const leftover = (value as { dataKey?: unknown } | null | undefined)?.dataKey;
    if (leftover instanceof Uint8Array) expect(leftover.every((byte) => byte === 0)).toBe(true);
  });

  test.each([1, 2048])("is none with %d wrapped bytes and a version of 255", async (length) => {
    const keyVersion = "v".repeat(255);
    const envelope = await seal(message, [countingKek({ wrap: () => ({ wrapped: new Uint8Array(length), keyVersion }) })]);
    const info = inspect(envelope);
    expect(info.type === "envelope" && info.header.recipients.map((r) => [r.wrapped.length, r.keyVersion])).toEqual([[length, keyVersion]]);
  });

  test("is not an empty version: it means unknown", async () => {
    const info = inspect(await seal(message, [countingKek({ keyVersion: "" })]));
    expect(info.type === "envelope" && info.header.recipients[0]?.keyVersion).toBeUndefined();
  });
});

describe("core zeroes", () => {
  test("what wrap was given and what generate returned, after a success and after a failure", async () => {
    const maker = countingKek({ keyRef: "maker", generate: (answer) => answer() });
    const plain = countingKek({ keyRef: "plain" });
    await seal(message, [plain]);
    await seal(message, [maker, plain]);
    const failing = countingKek({ keyRef: "failing", wrap: () => Promise.reject(new Error("no")) });
    await letterlockError(seal(message, [maker, failing]), "provider-error");
    for (const { buffers } of [maker, plain, failing]) expect(buffers.every(isZero)).toBe(true);
    expect([maker.buffers.length, plain.buffers.length, failing.buffers.length]).toEqual([2, 2, 1]);
  });

  test("what unwrap returned, right or wrong", async () => {
    const kek = countingKek();
    const envelope = await seal(message, [kek, countingKek({ keyRef: "b" })]);
    await open(envelope, [kek]);
    const wrong = [31, 32, 33].map((length) => {
      const returned = new Uint8Array(length).fill(7);
      return { returned, kek: countingKek({ unwrap: () => returned }) };
    });
    for (const { kek: lying } of wrong) await letterlockError(open(envelope, [lying]), "not-authentic");
    await rewrap(envelope, { from: [kek], to: [kek] });
    expect(kek.buffers.every(isZero)).toBe(true);
    for (const { returned } of wrong) expect(returned.every((byte) => byte === 0)).toBe(true);
  });
});
