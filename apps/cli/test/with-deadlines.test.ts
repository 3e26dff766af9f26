import { createDataKey, type Kek, localKek } from "@letterlock/core";
import { describe, expect, it, vi } from "vitest";
import { withDeadlines } from "../src/keks/with-deadlines.ts";

const local = localKek({ name: "dev", secret: new Uint8Array(32) });

/** Answers when its signal aborts, with the error that an SDK would have for that. */
const hanging: Kek = {
  ...local,
  wrap: (_dataKey, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(Object.assign(new Error("Request aborted"), { name: "AbortError" })));
    }),
};

describe("the deadline of a provider call", () => {
  it("makes a call that does not end unavailable", async () => {
    await expect(createDataKey([withDeadlines(hanging, 20)])).rejects.toMatchObject({ code: "unavailable" });
  });

  it("does so where the SDK does not heed it, and forgets the key that comes too late", async () => {
    const dataKey = new Uint8Array(32).fill(7);
    const { promise: answer, resolve } = Promise.withResolvers<{ dataKey: Uint8Array; wrapped: Uint8Array }>();
    const deaf: Kek = { ...local, generate: () => answer };
    await expect(createDataKey([withDeadlines(deaf, 20)])).rejects.toMatchObject({ code: "unavailable" });
    resolve({ dataKey, wrapped: Uint8Array.of(1) });
    await vi.waitFor(() => expect(dataKey).toEqual(new Uint8Array(32)));
  });

  it("leaves the caller's own abort what it is", async () => {
    const reason = new Error("enough");
    const ending = new AbortController();
    const work = createDataKey([withDeadlines(hanging, 60_000)], { signal: ending.signal });
    ending.abort(reason);
    await expect(work).rejects.toBe(reason);
  });

  it("does not touch a call that ends, or what it fails with", async () => {
    const { key } = await createDataKey([withDeadlines(local, 60_000)]);
    key[Symbol.dispose]();
    const failing: Kek = { ...local, wrap: async () => Promise.reject(new Error("x")), errorCode: () => "kek-unusable" };
    await expect(createDataKey([withDeadlines(failing, 60_000)])).rejects.toMatchObject({ code: "kek-unusable" });
  });
});
