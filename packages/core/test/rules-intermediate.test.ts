import { afterEach, describe, expect, test, vi } from "vitest";
import { createIntermediateKek, inspect, intermediateKek, type Kek, open, seal } from "../src/index.ts";
import { type CountingKek, countingKek, failingKek, hang } from "./support/counting-kek.ts";
import { letterlockError, rejectionOf } from "./support/rejection.ts";
import { withDamagedMac } from "./support/tampered.ts";

// Rule 10 and SPEC 6.3: chains of at most three headers, pinned keyIds, and how long a KEK is kept.

const message = new TextEncoder().encode("hello");
const plaintext = new Uint8Array(message);

/** Intermediate KEKs of which each is wrapped by the one before it; the first by `root`. */
async function chain(root: CountingKek, length: number, maxAgeMs: number): Promise<Kek[]> {
  const made: Kek[] = [];
  const makers: Kek[] = [];
  for (let i = 0; i < length; i++) {
    const { keyId, blob } = await createIntermediateKek([makers.at(-1) ?? root]);
    // Made through short-lived KEKs of their own, so that what the caller gets has opened nothing yet.
    makers.push(intermediateKek({ keyId, blob, keks: [makers.at(-1) ?? root], maxAgeMs: 60_000 }));
    made.push(intermediateKek({ keyId, blob, keks: [made.at(-1) ?? root], maxAgeMs }));
  }
  return made;
}
const last = (keks: readonly Kek[]): Kek => keks.at(-1) as Kek;

afterEach(() => {
  vi.useRealTimers();
});

describe("a chain", () => {
  test.each([1, 2])("of %d intermediate KEKs seals and opens, and passes the depth on", async (length) => {
    const root = countingKek();
    const kek = last(await chain(root, length, 0));
    root.made.length = 0;
    const envelope = await seal(message, [kek]);
    expect(await open(envelope, [kek])).toEqual(plaintext);
    expect(root.made.map(({ depth, usage }) => [depth, usage])).toEqual([
      [length + 1, "kek"],
      [length + 1, "kek"],
    ]);
  });

  test.each([3, 4])("of %d intermediate KEKs neither seals nor opens", async (length) => {
    const root = countingKek();
    const short = await chain(root, 2, 60_000);
    const { keyId, blob } = await createIntermediateKek([last(short)]);
    let kek: Kek = intermediateKek({ keyId, blob, keks: [last(short)], maxAgeMs: 60_000 });
    if (length === 4) {
      const outer = await rejectionOf(createIntermediateKek([kek]));
      expect(outer).toMatchObject({ code: "kek-unusable" });
      return;
    }
    root.calls.length = 0;
    await letterlockError(seal(message, [kek]), "kek-unusable");
    // What is too long for a chain is too long whatever the middle keeps.
    await seal(message, short);
    kek = intermediateKek({ keyId, blob, keks: [last(short)], maxAgeMs: 60_000 });
    await letterlockError(seal(message, [kek]), "kek-unusable");
  });

  test("reuses a kept KEK at the depth it was opened at and at a lower one, never at a higher one", async () => {
    const root = countingKek();
    const [inner, outer] = (await chain(root, 2, 60_000)) as [Kek, Kek];
    root.made.length = 0;
    const depths = () => root.made.splice(0).map(({ depth }) => depth);
    const short = await seal(message, [inner]);
    expect(depths()).toEqual([2]);
    await open(short, [inner]);
    expect(depths()).toEqual([]);
    const long = await seal(message, [outer]);
    expect(depths()).toEqual([3]);
    await open(short, [inner]);
    await open(long, [outer]);
    expect(depths()).toEqual([]);
  });

  test("serves lower depths with what it opened at a higher one", async () => {
    const root = countingKek();
    const [inner, outer] = (await chain(root, 2, 60_000)) as [Kek, Kek];
    root.made.length = 0;
    await seal(message, [outer]);
    await seal(message, [inner]);
    expect(root.made.map(({ depth }) => depth)).toEqual([3]);
  });
});

describe("an intermediate KEK", () => {
  test("opens its blob on first use, not before, once for many at a time", async () => {
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root]);
    root.calls.length = 0;
    const fetch = vi.fn(async () => blob);
    const kek = intermediateKek({ keyId, blob: fetch, keks: [root], maxAgeMs: 60_000 });
    expect([fetch.mock.calls.length, root.calls]).toEqual([0, []]);
    await Promise.all(Array.from({ length: 100 }, () => seal(message, [kek])));
    expect([fetch.mock.calls.length, root.calls]).toEqual([1, ["unwrap"]]);
  });

  test("refuses a blob of another key than the pinned one, without a call", async () => {
    const root = countingKek();
    const [mine, theirs] = [await createIntermediateKek([root]), await createIntermediateKek([root])];
    root.calls.length = 0;
    const kek = intermediateKek({ keyId: mine.keyId, blob: theirs.blob, keks: [root], maxAgeMs: 60_000 });
    await letterlockError(seal(message, [kek]), "kek-unusable");
    expect([root.calls, root.asked]).toEqual([[], []]);
  });

  test("compares the context of its blob before any call", async () => {
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root], { context: { env: "prod", id: "7" }, detached: ["id"] });
    root.calls.length = 0;
    const configured = (context: Record<string, string>) => intermediateKek({ keyId, blob, keks: [root], context, maxAgeMs: 0 });
    await letterlockError(seal(message, [configured({ env: "test", id: "7" })]), "kek-unusable");
    await letterlockError(seal(message, [configured({})]), "kek-unusable");
    expect([root.calls, root.asked]).toEqual([[], []]);
    const kek = configured({ env: "prod", id: "7" });
    expect(await open(await seal(message, [kek]), [kek])).toEqual(plaintext);
  });

  test.each(["access-denied", "kek-not-found", "throttled", "unavailable", "not-authentic", "provider-error"] as const)(
    "passes %s of its own KEKs through",
    async (code) => {
      const { keyId, blob } = await createIntermediateKek([countingKek()]);
      const kek = intermediateKek({ keyId, blob, keks: [failingKek(code)], maxAgeMs: 60_000 });
      const error = await letterlockError(seal(message, [kek]), code);
      expect([error.provider, error.keyRef]).toEqual(["intermediate", keyId]);
    },
  );

  test("is kek-unusable for a data key, no matching KEK, a blob that is not one, and a fetch that fails", async () => {
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root]);
    const envelope = await seal(message, [root]);
    const failing = async () => Promise.reject(new Error("no such row"));
    const options = { keyId, blob, keks: [root], maxAgeMs: 60_000 };
    for (const wrong of [{ keks: [] }, { blob: envelope }, { blob: blob.slice(0, 20) }, { blob: new Uint8Array(0) }, { blob: failing }])
      await letterlockError(seal(message, [intermediateKek({ ...options, ...wrong })]), "kek-unusable");
    await letterlockError(seal(message, [intermediateKek({ ...options, blob: withDamagedMac(envelope) })]), "kek-unusable");
    const unreachable = async () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
    await letterlockError(seal(message, [intermediateKek({ ...options, blob: unreachable })]), "unavailable");
  });

  test("tries again after a failure", async () => {
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root]);
    let fetches = 0;
    const fetch = async () => (fetches++ === 0 ? Promise.reject(new Error("no")) : blob);
    const kek = intermediateKek({ keyId, blob: fetch, keks: [root], maxAgeMs: 60_000 });
    await letterlockError(seal(message, [kek]), "kek-unusable");
    expect(await open(await seal(message, [kek]), [kek])).toEqual(plaintext);
  });

  test("opens its blob again when maxAgeMs is over, and each time where it is 0", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root]);
    const counted = async (maxAgeMs: number, waits: readonly number[]) => {
      const kek = intermediateKek({ keyId, blob, keks: [root], maxAgeMs });
      root.calls.length = 0;
      for (const wait of waits) {
        vi.advanceTimersByTime(wait);
        await seal(message, [kek]);
      }
      return root.calls.length;
    };
    expect(await counted(1000, [0, 500, 499])).toBe(1);
    expect(await counted(1000, [0, 500, 500])).toBe(2);
    expect(await counted(0, [0, 0, 0])).toBe(3);
  });

  test("is of no use after dispose, and leaves no timer", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root]);
    const kek = intermediateKek({ keyId, blob, keks: [root], maxAgeMs: 60_000 });
    const envelope = await seal(message, [kek]);
    kek[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    root.calls.length = 0;
    await letterlockError(open(envelope, [kek]), "provider-error");
    expect(root.calls).toEqual([]);
  });

  test("rejects with the caller's reason while its blob is being fetched, and stays usable", async () => {
    const root = countingKek();
    const { keyId, blob } = await createIntermediateKek([root]);
    const fetch = vi.fn(async () => blob).mockImplementationOnce(hang);
    const kek = intermediateKek({ keyId, blob: fetch, keks: [root], maxAgeMs: 60_000 });
    const abort = new AbortController();
    const result = rejectionOf(seal(message, [kek], { signal: abort.signal }));
    await vi.waitUntil(() => fetch.mock.calls.length === 1, { interval: 1 });
    abort.abort("enough");
    expect(await result).toBe("enough");
    expect(await open(await seal(message, [kek]), [kek])).toEqual(plaintext);
  });

  test("satisfies requireAuthenticatedWrap, whatever wraps it", async () => {
    const root = countingKek({ authenticatesWrap: false });
    const { keyId, blob } = await createIntermediateKek([root]);
    const kek = intermediateKek({ keyId, blob, keks: [root], maxAgeMs: 60_000 });
    const envelope = await seal(message, [kek]);
    expect(await open(envelope, [kek], { requireAuthenticatedWrap: true })).toEqual(plaintext);
    expect(inspect(blob)).toMatchObject({ type: "key-blob", keyId, header: { usage: "kek" } });
  });
});
