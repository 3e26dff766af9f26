import { randomBytes } from "node:crypto";
import { aroundKek, createDataKey, inspect, localKek } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { createKeyring, type KeyStore, memoryKeyStore } from "../src/index.ts";
import { observed } from "../src/observed-keks.ts";
import { acme, collect, disposedLater, makeRing, message } from "./support/rings.ts";
import { SwitchedError, switchedKek } from "./support/switched-kek.ts";

const questions = (calls: readonly string[]): number => calls.filter((call) => call === "currentVersion").length;

/** A store whose listing hangs after its first key. */
function hangingStore(): { readonly store: KeyStore; readonly inner: KeyStore; hangs: boolean; lists: number } {
  const inner = memoryKeyStore();
  const hanging = {
    hangs: false,
    lists: 0,
    inner,
    store: {
      ...inner,
      async *list(options?: Parameters<KeyStore["list"]>[0]) {
        hanging.lists += 1;
        for await (const key of inner.list(options)) {
          yield key;
          if (hanging.hangs) await new Promise(() => undefined);
        }
      },
    },
  };
  return hanging;
}

describe("watching versions", () => {
  test("goes on after a listing that hung", async () => {
    const hanging = hangingStore();
    const { ring, switched } = makeRing({ watchVersionsMs: 10, renewalMs: 25 }, undefined, hanging.store);
    for (let i = 0; i < 3; i++) await ring.seal(message, { context: { tenant: `${i}` }, aad: "" });
    await expect.poll(() => questions(switched.calls)).toBeGreaterThan(2);
    hanging.hangs = true;
    switched.version = "2";
    const before = hanging.lists;
    await expect.poll(() => hanging.lists).toBeGreaterThan(before + 1);
    // Each run gets one key further.
    const versions = async (): Promise<unknown[]> => (await collect(hanging.inner.list())).map(versionsIn);
    await expect.poll(versions).toEqual(["2", "2", "2"]);
  });

  test("does again what failed, and nothing else, until it is whole", async () => {
    const store = memoryKeyStore();
    const near = switchedKek("near");
    let wraps = 0;
    const far = aroundKek(localKek({ name: "far", secret: new Uint8Array(randomBytes(32)) }), async (_operation, _call, run) => {
      wraps += 1;
      return run();
    });
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 10 } };
    const keks = [near.kek, far];
    const quiet = disposedLater(createKeyring({ keks, store, policy }));
    for (let i = 0; i < 4; i++) await quiet.seal(message, { context: { tenant: `${i}` }, aad: "" });
    const { keyId } = inspect(await quiet.seal(message, acme));
    const whole = await store.get(keyId ?? "");
    if (whole === undefined) throw new Error("it was just created");
    const damaged = whole.blob.slice(0, 50);
    await store.replace(whole.keyId, whole.blob, damaged);
    near.version = "2";
    disposedLater(createKeyring({ keks, store, policy: { ...policy, watchVersionsMs: 10 } }));
    await expect
      .poll(async () => (await collect(store.list())).filter(({ blob }) => Buffer.compare(blob, damaged)).map(versionsIn))
      .toEqual(["2", "2", "2", "2"]);
    const turns = async (): Promise<void> => {
      const from = questions(near.calls);
      await expect.poll(() => questions(near.calls)).toBeGreaterThan(from + 4);
    };
    await turns();
    const wrapsBefore = wraps;
    await turns();
    expect(wraps).toBe(wrapsBefore);
    await store.replace(whole.keyId, damaged, whole.blob);
    await expect.poll(async () => versionsIn((await store.get(whole.keyId)) ?? whole)).toBe("2");
    await turns();
    const wrapsAfter = wraps;
    await turns();
    expect(wraps).toBe(wrapsAfter);
  });
});

test("a listing that hangs ends with the signal of who asked", async () => {
  const hanging = hangingStore();
  const { ring } = makeRing({}, undefined, hanging.store);
  await ring.seal(message, acme);
  hanging.hangs = true;
  for (const work of ["refresh", "destroy"] as const) {
    const stop = new AbortController();
    const { signal } = stop;
    const working =
      work === "refresh"
        ? ring.refresh({ signal, onKey: () => void setImmediate(() => stop.abort(new Error("enough"))) })
        : ring.destroy(acme.context, { signal });
    if (work === "destroy") setImmediate(() => stop.abort(new Error("enough")));
    await expect(working).rejects.toThrow("enough");
  }
});

describe("a KEK that tells its version", () => {
  const observing = () => {
    const failing = new Set<string>();
    const local = { ...localKek({ name: "observed", secret: new Uint8Array(randomBytes(32)) }), currentVersion: async () => "1" };
    const kek = aroundKek(
      local,
      async (operation, _call, run) => {
        if (failing.has(operation)) throw new SwitchedError("unavailable");
        return run();
      },
      (error) => (error instanceof SwitchedError ? error.kekCode : undefined),
    );
    const watched = observed(kek);
    const ask = async (): Promise<unknown> => watched.kek.currentVersion?.({ signal: new AbortController().signal }).catch(() => undefined);
    const wrap = async (): Promise<unknown> => createDataKey([watched.kek], {}).catch(() => undefined);
    return { failing, watched, ask, wrap };
  };

  test("is still away for keys", async () => {
    const { failing, watched, ask, wrap } = observing();
    failing.add("wrap");
    await wrap();
    const { awaySince } = watched.status();
    expect(awaySince).toBeDefined();
    await ask();
    expect(watched.status()).toMatchObject({ awaySince, version: "1" });
    expect(watched.answers()).toBe(0);
    failing.clear();
    await wrap();
    expect(watched.status().awaySince).toBeUndefined();
    expect(watched.answers()).toBe(1);
  });

  test("is not away any more, where only that question found it so", async () => {
    const { failing, watched, ask } = observing();
    failing.add("currentVersion");
    await ask();
    expect(watched.status().awaySince).toBeDefined();
    failing.clear();
    await ask();
    expect(watched.status().awaySince).toBeUndefined();
  });
});

function versionsIn({ blob }: { readonly blob: Uint8Array }): string | undefined {
  const info = inspect(blob);
  return info.type === "key-blob" ? info.header.recipients.find(({ keyRef }) => keyRef !== "far")?.keyVersion : undefined;
}
