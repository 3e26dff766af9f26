import { describe, expect, test, vi } from "vitest";
import * as core from "../src/index.ts";
import { type CountingKek, countingKek, failingKek, hang } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf } from "./support/rejection.ts";

// Rule 6: the caller's abort rejects with signal.reason, ends the loop, and is never an attempt.

const message = new TextEncoder().encode("hello");
const envelope = await core.seal(message, [countingKek()]);
const { blob } = core.splitEnvelope(envelope);
const source = { size: envelope.length, read: async (start: number, end: number) => envelope.slice(start, end) };
const reason = { why: "the caller changed its mind" };

interface Options {
  readonly signal: AbortSignal;
}
const sealing: Record<string, (kek: CountingKek, options: Options) => Promise<unknown>> = {
  seal: (kek, options) => core.seal(message, [kek], options),
  sealStream: (kek, options) => core.sealStream([message], [kek], options).next(),
  createDataKey: (kek, options) => core.createDataKey([kek], options),
  createIntermediateKek: (kek, options) => core.createIntermediateKek([kek], options),
  "seal with a cache": (kek, options) => core.seal(message, [kek], { ...options, cache: cache() }),
};
const opening: Record<string, (kek: CountingKek, options: Options) => Promise<unknown>> = {
  open: (kek, options) => core.open(envelope, [kek], options),
  "open with a cache": (kek, options) => core.open(envelope, [kek], { ...options, cache: cache() }),
  openStream: (kek, options) => core.openStream([envelope], [kek], options).next(),
  openRange: (kek, options) => core.openRange(source, [kek], { start: 0, end: 1 }, options),
  openReader: (kek, options) => core.openReader(source, [kek], options),
  openDataKey: (kek, options) => core.openDataKey(blob, [kek], options),
  rewrap: (kek, options) => core.rewrap(envelope, { from: [kek], to: [kek] }, options),
  rewrapStream: (kek, options) => core.rewrapStream([envelope], { from: [kek], to: [kek] }, options).next(),
  refresh: (kek, options) => core.refresh(envelope, [kek], options),
  rekey: (kek, options) => core.rekey(envelope, { from: [kek], to: [kek] }, options),
  verify: (kek, options) => core.verify(envelope, [kek], options),
};
function cache(): core.KeyCache {
  return core.createKeyCache({ maxAgeMs: 60_000, maxUses: 10, maxBytes: 1000, maxEntries: 10 });
}

describe.each(Object.entries({ ...sealing, ...opening }))("%s", (_name, run) => {
  test("rejects with the reason of a signal that is aborted already, without a call", async () => {
    const kek = countingKek();
    expect(await rejectionOf(run(kek, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(kek.calls).toEqual([]);
  });

  test("rejects with the reason while a KEK hangs and ignores the signal", async () => {
    const abort = new AbortController();
    const kek = countingKek({ wrap: hang, unwrap: hang });
    const result = rejectionOf(run(kek, { signal: abort.signal }));
    await vi.waitUntil(() => kek.calls.length === 1, { interval: 1 });
    abort.abort(reason);
    expect(await result).toBe(reason);
  });

  test("rejects with the reason where the KEK rejects with an error of its own because of the signal", async () => {
    const abort = new AbortController();
    const obeying = (_answer: unknown, { signal }: core.KekCall) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("request aborted")));
        abort.abort(reason);
      });
    expect(await rejectionOf(run(countingKek({ wrap: obeying, unwrap: obeying }), { signal: abort.signal }))).toBe(reason);
  });

  test("rejects with a reason that is not an object", async () => {
    expect(await rejectionOf(run(countingKek(), { signal: AbortSignal.abort(0) }))).toBe(0);
  });
});

test("makes no further attempt after an abort between two", async () => {
  const abort = new AbortController();
  const failing = countingKek({
    unwrap: () => {
      abort.abort(reason);
      throw new Error("no");
    },
  });
  const next = countingKek();
  const attempts: core.Attempt[] = [];
  const options = { signal: abort.signal, onFailedAttempt: (attempt: core.Attempt) => attempts.push(attempt) };
  expect(await rejectionOf(core.open(envelope, [failing, next], options))).toBe(reason);
  expect([next.calls, attempts]).toEqual([[], []]);
});

test("zeroes a data key that arrives after the abort", async () => {
  for (const operation of ["unwrap", "generate"] as const) {
    const abort = new AbortController();
    const { promise: gate, resolve } = Promise.withResolvers<void>();
    const late = async <T>(answer: () => T): Promise<T> => {
      await gate;
      return answer();
    };
    const kek = countingKek(operation === "unwrap" ? { unwrap: late } : { generate: late });
    const { signal } = abort;
    const result = rejectionOf(operation === "unwrap" ? core.open(envelope, [kek], { signal }) : core.seal(message, [kek], { signal }));
    await vi.waitUntil(() => kek.calls.length === 1, { interval: 1 });
    abort.abort(reason);
    expect(await result).toBe(reason);
    resolve();
    await vi.waitUntil(() => kek.buffers.length === 1, { interval: 1 });
    await vi.waitUntil(() => kek.buffers[0]?.every((byte) => byte === 0), { interval: 1 });
  }
});

test("gives the KEK a signal that aborts with the caller's", async () => {
  const abort = new AbortController();
  const kek = countingKek({ unwrap: hang });
  const result = rejectionOf(core.open(envelope, [kek], { signal: abort.signal }));
  await vi.waitUntil(() => kek.made.length === 1, { interval: 1 });
  expect(kek.made[0]?.signal.aborted).toBe(false);
  abort.abort(reason);
  expect(kek.made[0]?.signal.reason).toBe(reason);
  await result;
});

test("leaves no listener on a signal that lives long", async () => {
  const { signal } = new AbortController();
  const counts = { added: 0, removed: 0 };
  const add = vi.spyOn(signal, "addEventListener").mockImplementation((...args) => {
    counts.added++;
    EventTarget.prototype.addEventListener.apply(signal, args as Parameters<EventTarget["addEventListener"]>);
  });
  const remove = vi.spyOn(signal, "removeEventListener").mockImplementation((...args) => {
    counts.removed++;
    EventTarget.prototype.removeEventListener.apply(signal, args as Parameters<EventTarget["removeEventListener"]>);
  });
  await core.open(envelope, [countingKek()], { signal });
  await core.seal(message, [countingKek()], { signal });
  add.mockRestore();
  remove.mockRestore();
  expect(counts.added).toBeGreaterThan(0);
  expect(counts.removed).toBe(counts.added);
});

describe("a provider's own time-out or network error is unavailable, not an abort:", () => {
  const withCode = (code: string) => Object.assign(new Error("connect failed"), { code });
  test.each<[string, unknown]>([
    ["TimeoutError", AbortSignal.timeout(0).reason ?? new DOMException("too slow", "TimeoutError")],
    ["ECONNREFUSED", withCode("ECONNREFUSED")],
    ["ENOTFOUND in cause", new TypeError("fetch failed", { cause: withCode("ENOTFOUND") })],
    ["ECONNRESET in the cause of a cause", new Error("a", { cause: new Error("b", { cause: withCode("ECONNRESET") }) })],
    ["an AggregateError of network errors", new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")])],
    ["an AggregateError in cause", new TypeError("fetch failed", { cause: new AggregateError([withCode("ETIMEDOUT")]) })],
  ])("%s", async (_name, error) => {
    const kek = countingKek({ unwrap: () => Promise.reject(error), wrap: () => Promise.reject(error), errorCode: () => "access-denied" });
    const failure = await letterlockError(core.open(envelope, [kek]), "unavailable");
    expect(failure.retryable).toBe(true);
    await letterlockError(core.seal(message, [kek]), "unavailable");
    expect(core.kekErrorCode(kek, error)).toBe("unavailable");
  });

  test.each<[string, unknown]>([
    ["an error of its own", new Error("no")],
    ["an AggregateError with another error in it", new AggregateError([withCode("ECONNREFUSED"), new Error("no")])],
    ["an empty AggregateError", new AggregateError([])],
    ["AbortError", new DOMException("gone", "AbortError")],
    ["a string", "ECONNREFUSED"],
    ["undefined", undefined],
  ])("and %s is what errorCode says", (_name, error) => {
    expect(core.kekErrorCode(countingKek({ errorCode: () => "access-denied" }), error)).toBe("access-denied");
  });

  test("and a cause that is its own cause does not hang", () => {
    const error = new Error("loop");
    error.cause = error;
    expect(core.kekErrorCode(failingKek("throttled"), error)).toBe("provider-error");
  });

  test.each<[string, () => core.KekErrorCode]>([
    ["throws", () => expect.unreachable()],
    ["names no code", () => "no-such-code" as core.KekErrorCode],
    ["names a code that is not a KEK's", () => "malformed" as core.KekErrorCode],
    ["is undefined", () => undefined as unknown as core.KekErrorCode],
  ])("and an errorCode that %s is provider-error", async (_name, errorCode) => {
    await letterlockError(
      core.open(envelope, [countingKek({ unwrap: () => Promise.reject(new Error("no")), errorCode })]),
      "provider-error",
    );
  });
});
