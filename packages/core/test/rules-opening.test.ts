import { describe, expect, test } from "vitest";
import {
  type Attempt,
  type KekUnwrapper,
  open,
  openDataKey,
  openRange,
  openStream,
  refresh,
  rekey,
  rewrap,
  seal,
  splitEnvelope,
  verify,
} from "../src/index.ts";
import { type CountingKek, countingKek, failingKek } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf } from "./support/rejection.ts";
import { withDamagedMac } from "./support/tampered.ts";

// Rules 2 to 4: any-of in the caller's order, the KEKs as the allow-list, and what is decided without a call.

const message = new TextEncoder().encode("hello");
const a = () => countingKek({ keyRef: "a" });
const b = () => countingKek({ keyRef: "b" });
const envelope = await seal(message, [a(), b()], { context: { tenant: "acme" } });
const context = { tenant: "acme" };

describe("opening", () => {
  test("tries KEKs in the caller's order and stops at the first that works", async () => {
    const order: string[] = [];
    const noting = (keyRef: string, fails: boolean) =>
      countingKek({
        keyRef,
        unwrap: (answer) => {
          order.push(keyRef);
          if (fails) throw new Error("no");
          return answer();
        },
      });
    expect(await open(envelope, [noting("b", true), noting("a", false)], { context })).toEqual(new Uint8Array(message));
    expect(order).toEqual(["b", "a"]);
    order.length = 0;
    await open(envelope, [noting("a", false), noting("b", false)], { context });
    expect(order).toEqual(["a"]);
  });

  test("reports failures before a success, once each, with the cause", async () => {
    const attempts: Attempt[] = [];
    const failing = failingKek("throttled", { keyRef: "a" });
    await open(envelope, [failing, b()], { context, onFailedAttempt: (attempt) => attempts.push(attempt) });
    expect(attempts).toEqual([{ provider: "test", keyRef: "a", code: "throttled" }]);
    expect(attempts[0]?.cause).toBeInstanceOf(Error);
  });

  test("reports nothing to onFailedAttempt when all fail: the error carries every attempt in the order of the calls", async () => {
    const attempts: Attempt[] = [];
    const keks = [failingKek("access-denied", { keyRef: "b" }), failingKek("unavailable", { keyRef: "a" })];
    const error = await letterlockError(open(envelope, keks, { context, onFailedAttempt: (at) => attempts.push(at) }), "unavailable");
    expect(error.attempts.map(({ keyRef, code }) => [keyRef, code])).toEqual([
      ["b", "access-denied"],
      ["a", "unavailable"],
    ]);
    expect([error.provider, error.keyRef, error.retryable]).toEqual(["test", "a", true]);
    expect(attempts).toEqual([]);
  });

  test.each([
    [["access-denied", "not-authentic"], "not-authentic"],
    [["not-authentic", "throttled"], "throttled"],
    [["unavailable", "throttled"], "unavailable"],
    [["throttled", "unavailable"], "throttled"],
    [["kek-not-found", "access-denied"], "kek-not-found"],
    [["provider-error", "kek-unusable"], "provider-error"],
  ] as const)("names the failures %j %s", async ([first, second], code) => {
    await letterlockError(open(envelope, [failingKek(first, { keyRef: "a" }), failingKek(second, { keyRef: "b" })], { context }), code);
  });

  test.each([31, 33, 0, 64])("counts an unwrap of %d bytes as not-authentic and goes on", async (length) => {
    const attempts: Attempt[] = [];
    const wrong = countingKek({ keyRef: "a", unwrap: (answer) => Uint8Array.from({ length }, (_, i) => answer()[i] ?? 0) });
    await open(envelope, [wrong, b()], { context, onFailedAttempt: (attempt) => attempts.push(attempt) });
    expect(attempts.map(({ code }) => code)).toEqual(["not-authentic"]);
  });

  test.each([undefined, null, "key", 7, [1], new ArrayBuffer(32)])("counts an unwrap of %s as a failed attempt", async (value) => {
    const error = await letterlockError(open(envelope, [countingKek({ keyRef: "a", unwrap: () => value })], { context }), "not-authentic");
    expect(error.attempts).toHaveLength(1);
  });

  test("makes at most 16 attempts", async () => {
    const failing = Array.from({ length: 20 }, () => failingKek("access-denied", { keyRef: "a" }));
    const error = await letterlockError(open(envelope, failing, { context }), "access-denied");
    expect(error.attempts).toHaveLength(16);
    expect(failing.filter(({ calls }) => calls.length === 1)).toHaveLength(16);
  });

  test("stops at a mac that does not verify: no other KEK is tried", async () => {
    const [first, second] = [a(), b()];
    const error = await letterlockError(open(withDamagedMac(envelope), [first, second], { context }), "not-authentic");
    expect([first.calls, second.calls, second.asked]).toEqual([["unwrap"], [], []]);
    expect(error.attempts).toEqual([]);
  });

  test("calls KEKs that share a key in order, each for itself", async () => {
    const [denied, allowed] = [failingKek("access-denied", { keyRef: "a" }), a()];
    await open(envelope, [denied, allowed], { context });
    expect([denied.calls, allowed.calls]).toEqual([["unwrap"], ["unwrap"]]);
  });
});

describe("the list of KEKs", () => {
  test("is asked only about recipients of its own provider", async () => {
    const mixed = await seal(message, [a(), countingKek({ provider: "other", keyRef: "x" })]);
    const greedy = countingKek({ provider: "third", owns: () => true });
    const own = countingKek({ keyRef: "nothing", owns: () => false });
    await letterlockError(open(mixed, [greedy, own]), "no-matching-kek");
    expect([greedy.asked, greedy.calls, own.calls]).toEqual([[], [], []]);
    expect(own.asked.map(({ provider, keyRef }) => `${provider} ${keyRef}`)).toEqual(["test a"]);
  });

  test("is asked only about its own provider by refresh and verify too", async () => {
    const greedy = countingKek({ provider: "third", owns: () => true, rewrap: (answer) => answer() });
    await letterlockError(refresh(envelope, [greedy], { context }), "no-matching-kek");
    await letterlockError(verify(envelope, [greedy], { context }), "no-matching-kek");
    expect([greedy.asked, greedy.calls]).toEqual([[], []]);
  });

  test("opens a recipient of another keyRef when the KEK owns it", async () => {
    const replica = countingKek({ keyRef: "replica", owns: ({ keyRef }) => keyRef === "b" });
    expect(await open(envelope, [replica], { context })).toEqual(new Uint8Array(message));
  });

  test("may be empty, which opens nothing", async () => {
    const error = await letterlockError(open(envelope, [], { context }), "no-matching-kek");
    expect(error.attempts).toEqual([]);
  });

  test("cannot be empty or hold a key twice for sealing", async () => {
    expect(await rejectionOf(seal(message, []))).toBeInstanceOf(RangeError);
    expect(await rejectionOf(seal(message, [a(), a()]))).toBeInstanceOf(RangeError);
    expect(await rejectionOf(rewrap(envelope, { from: [a()], to: [] }, { context }))).toBeInstanceOf(RangeError);
    const many = Array.from({ length: 17 }, (_, i) => countingKek({ keyRef: `k${i}` }));
    expect(await rejectionOf(seal(message, many))).toBeInstanceOf(RangeError);
    expect(many.flatMap(({ calls }) => calls)).toEqual([]);
  });

  test("is read when the function is called: later changes have no effect", async () => {
    const keks = [a()];
    const sealing = seal(message, keks);
    keks.length = 0;
    const sealed = await sealing;
    const opening = open(sealed, keks);
    keks.push(a());
    await letterlockError(opening, "no-matching-kek");
  });
});

describe("zero calls, owns included,", () => {
  const source = { size: envelope.length, read: async (start: number, end: number) => envelope.slice(start, end) };
  const drain = async (stream: AsyncIterable<Uint8Array>) => {
    for await (const _ of stream);
  };
  type Options = { context?: Record<string, string>; requireAuthenticatedWrap?: boolean };
  const ways: Record<string, (keks: readonly CountingKek[], options: Options) => Promise<unknown>> = {
    open: (keks, options) => open(envelope, keks, options),
    openStream: (keks, options) => drain(openStream([envelope], keks, options)),
    openRange: (keks, options) => openRange(source, keks, { start: 0, end: 1 }, options),
    openDataKey: (keks, options) => openDataKey(splitEnvelope(envelope).blob, keks, options),
    rewrap: (from, options) => rewrap(envelope, { from, to: from }, options),
    refresh: (keks, options) => refresh(envelope, keks, options),
    rekey: (from, options) => rekey(envelope, { from, to: from }, options),
    verify: (keks, options) => verify(envelope, keks, options),
  };
  describe.each(Object.entries(ways))("in %s", (_name, way) => {
    test.each([
      {},
      { context: {} },
      { context: { tenant: "acmf" } },
      { context: { tenant: "acme", more: "" } },
      { context: { Tenant: "acme" } },
    ])("for the context of %j", async (options) => {
      const kek = a();
      await letterlockError(way([kek], options), "context-mismatch");
      expect([kek.calls, kek.asked]).toEqual([[], []]);
    });

    test("where requireAuthenticatedWrap leaves no KEK", async () => {
      const kek = countingKek({ keyRef: "a", authenticatesWrap: false });
      await letterlockError(way([kek], { context, requireAuthenticatedWrap: true }), "no-matching-kek");
      expect([kek.calls, kek.asked]).toEqual([[], []]);
    });

    test("in a KEK of another provider", async () => {
      const kek = countingKek({ provider: "other", keyRef: "a", owns: () => true });
      await letterlockError(way([kek], { context }), "no-matching-kek");
      expect([kek.calls, kek.asked]).toEqual([[], []]);
    });
  });

  test("for a keyId other than the one of the blob", async () => {
    const kek = a();
    const keyId = "A".repeat(43);
    await letterlockError(openDataKey(splitEnvelope(envelope).blob, [kek], { context, keyId }), "unknown-key");
    expect([kek.calls, kek.asked]).toEqual([[], []]);
  });

  test("for a key of the wrong usage", async () => {
    const kek = a();
    for (const usage of ["kek"] as const) {
      await letterlockError(rewrap(envelope, { from: [kek], to: [kek] }, { context, usage }), "wrong-usage");
      await letterlockError(refresh(envelope, [kek], { context, usage }), "wrong-usage");
      await letterlockError(verify(envelope, [kek], { context, usage }), "wrong-usage");
    }
    expect([kek.calls, kek.asked]).toEqual([[], []]);
  });

  test("while requireAuthenticatedWrap still uses the KEKs that satisfy it", async () => {
    const weak = countingKek({ keyRef: "a", authenticatesWrap: false });
    const strong: KekUnwrapper = b();
    expect(await open(envelope, [weak, strong], { context, requireAuthenticatedWrap: true })).toEqual(new Uint8Array(message));
    expect([weak.calls, weak.asked]).toEqual([[], []]);
  });
});
