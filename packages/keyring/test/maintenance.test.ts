import { createDataKey, inspect, type Kek } from "@letterlock/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createKeyring, type KeyResult, memoryKeyStore } from "../src/index.ts";
import { gatedStore } from "./support/gated-store.ts";
import { acme, collect, disposedLater, makeRing, message, other } from "./support/rings.ts";
import { switchedKek } from "./support/switched-kek.ts";

afterEach(() => void vi.useRealTimers());

describe("rotation", () => {
  test("is found, refreshed and current again", async () => {
    const { ring, switched, process } = makeRing();
    await ring.seal(message, acme);
    const record = await ring.seal(message, other);
    expect(await collect(ring.stale())).toEqual([]);
    switched.version = "2";
    expect((await collect(ring.stale())).map(({ recipients }) => recipients[0])).toEqual([
      expect.objectContaining({ keyVersion: "1", currentVersion: "2" }),
      expect.objectContaining({ keyVersion: "1", currentVersion: "2" }),
    ]);
    expect(await collect(ring.stale({ context: acme.context }))).toMatchObject([{ context: acme.context }]);
    expect((await ring.refresh({ context: acme.context })).counts).toMatchObject({ changed: 1, current: 0 });
    expect((await ring.refresh()).counts).toMatchObject({ changed: 1, current: 1 });
    expect((await ring.refresh()).counts).toMatchObject({ changed: 0, current: 2 });
    expect(await collect(ring.stale())).toEqual([]);
    expect(await process().open(record, other)).toEqual(message);
    expect(await process().open(await ring.seal(message, acme), acme)).toEqual(message);
  });

  test("costs one question for the version, and as many wraps as there are key blobs at a provider, in a hierarchy too", async () => {
    const { ring, switched } = makeRing({ hierarchy: ["tenant"] });
    for (const tenant of ["a", "b"]) {
      for (const table of ["x", "y", "z"]) await ring.seal(message, { context: { tenant, table }, aad: "" });
    }
    switched.version = "2";
    switched.calls.length = 0;
    const { counts } = await ring.refresh();
    expect(counts).toMatchObject({ changed: 2, unaffected: 6, failed: 0 });
    expect(switched.calls.toSorted()).toEqual(["currentVersion", "unwrap", "unwrap", "wrap", "wrap"]);
    expect(await collect(ring.stale())).toEqual([]);
  });

  test("is noticed, and everything is wrapped again in the background", async () => {
    const { ring, switched, store } = makeRing({ watchVersionsMs: 10, newKeyAfter: { rotation: true } });
    const record = await ring.seal(message, acme);
    switched.version = "2";
    await expect.poll(async () => (await collect(ring.stale())).length).toBe(0);
    await expect.poll(async () => inspect(await ring.seal(message, acme)).keyId).not.toBe(inspect(record).keyId);
    expect(await collect(store.list())).toHaveLength(2);
    expect(await ring.open(record, acme)).toEqual(message);
    expect(ring.status().keks[0]?.version).toBe("2");
  });

  test("that could not be followed is followed the next time", async () => {
    const { ring, switched, store } = makeRing({ watchVersionsMs: 10 });
    const record = await ring.seal(message, acme);
    const { wrap } = switched.inner;
    let failures = 0;
    switched.inner.wrap = async (...call) => {
      if (failures++ < 3) throw new Error("no");
      return wrap(...call);
    };
    switched.version = "2";
    await expect.poll(() => failures).toBeGreaterThan(3);
    await expect.poll(async () => (await collect(ring.stale())).length).toBe(0);
    expect(inspect(await ring.seal(message, acme)).keyId).toBe(inspect(record).keyId);
    expect(await collect(store.list())).toHaveLength(1);
  });

  test("is not watched any more after the ring was disposed, nor by itself", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const quiet = makeRing();
    await quiet.ring.seal(message, acme);
    const { ring, switched } = makeRing({ watchVersionsMs: 1_000 });
    await vi.advanceTimersByTimeAsync(2_500);
    expect(switched.calls).toEqual(["currentVersion", "currentVersion"]);
    ring[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(switched.calls).toHaveLength(2);
    expect(quiet.switched.calls).toEqual(["wrap"]);
  });
});

describe("a run over the key blobs", () => {
  test("goes on after the key that came last", async () => {
    const { ring, switched } = makeRing();
    for (let i = 0; i < 6; i++) await ring.seal(message, { context: { tenant: `${i}` }, aad: "" });
    switched.version = "2";
    const stop = new AbortController();
    const seen: KeyResult[] = [];
    const onKey = (result: KeyResult): void => {
      seen.push(result);
      if (seen.length === 2) stop.abort(new Error("enough"));
    };
    await expect(ring.refresh({ signal: stop.signal, onKey })).rejects.toThrow("enough");
    expect(seen.map(({ status }) => status)).toEqual(["changed", "changed"]);
    expect(await collect(ring.stale())).toHaveLength(4);
    expect(await collect(ring.stale({ after: (await collect(ring.stale()))[0]?.keyId }))).toHaveLength(3);
    const rest = await ring.refresh({ after: seen.at(-1)?.keyId });
    expect(rest.counts).toMatchObject({ changed: 4, current: 0 });
    expect((await ring.refresh({ after: rest.last })).last).toBe(rest.last);
    expect(await collect(ring.stale({ after: rest.last }))).toEqual([]);
  });

  test("counts what fails, and goes on", async () => {
    const { ring, switched } = makeRing();
    await ring.seal(message, acme);
    await ring.seal(message, other);
    switched.version = "2";
    let first = true;
    const { wrap } = switched.inner;
    switched.inner.wrap = async (...call) => {
      if (!first) return wrap(...call);
      first = false;
      throw new Error("no");
    };
    const { counts, failures } = await ring.refresh();
    expect(counts).toMatchObject({ changed: 1, failed: 1 });
    expect(failures).toMatchObject([{ status: "failed", code: "provider-error" }]);
    expect((await ring.refresh()).counts).toMatchObject({ changed: 1, current: 1 });
  });

  test("writes what one KEK wrapped again, and counts what another one could not", async () => {
    const [near, far] = [switchedKek("near"), switchedKek("far")];
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 10 } };
    const ring = disposedLater(createKeyring({ keks: [near.kek, far.kek], store: memoryKeyStore(), policy }));
    await ring.seal(message, acme);
    near.version = far.version = "2";
    far.state = "throttled";
    expect(await ring.refresh()).toMatchObject({ counts: { failed: 1, changed: 0 }, failures: [{ code: "throttled" }] });
    far.state = undefined;
    expect((await collect(ring.stale())).map(({ recipients }) => recipients.map(({ keyRef }) => keyRef))).toEqual([["far"]]);
    expect((await ring.refresh()).counts).toMatchObject({ changed: 1 });
  });

  test("does it again where somebody else was faster, and says so after three times", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched, store } = makeRing({}, undefined, gate.store);
    const record = await ring.seal(message, acme);
    const { keyId } = inspect(record);
    switched.version = "2";
    let races = 1;
    // Somebody else wraps the same key again, to what is not current either.
    gate.before = async (member) => {
      if (member !== "replace" || races-- <= 0) return;
      const stored = await store.get(keyId);
      const rival = stored && (await rewrapped(switched.kek, stored.blob));
      gate.before = async () => undefined;
      if (stored && rival) await store.replace(keyId, stored.blob, rival);
      gate.before = again;
    };
    const again = gate.before;
    expect((await ring.refresh()).counts).toMatchObject({ current: 1, conflict: 0 });
    races = 100;
    switched.version = "3";
    switched.wrapsAs = "2";
    expect(await ring.refresh()).toMatchObject({ counts: { conflict: 1 }, failures: [{ keyId, status: "conflict" }] });
    expect(races).toBe(97);
    expect(await ring.open(record, acme)).toEqual(message);
  });

  test("leaves alone what was destroyed meanwhile", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched, process } = makeRing({}, undefined, gate.store);
    await ring.seal(message, acme);
    switched.version = "2";
    const elsewhere = process();
    gate.before = async (member) => {
      if (member !== "replace") return;
      gate.before = async () => undefined;
      await elsewhere.destroy(acme.context);
    };
    expect((await ring.refresh()).counts).toMatchObject({ gone: 1, changed: 0 });
    expect(await collect(gate.store.list())).toEqual([]);
  });

  test("ends with its signal, even where the store does not care for it", async () => {
    const gate = gatedStore(memoryKeyStore());
    const { ring, switched } = makeRing({}, undefined, gate.store);
    await ring.seal(message, acme);
    switched.version = "2";
    const stop = new AbortController();
    gate.before = async (member) => {
      if (member !== "replace") return;
      stop.abort(new Error("enough"));
      await new Promise(() => undefined);
    };
    await expect(ring.refresh({ signal: stop.signal })).rejects.toThrow("enough");
  });

  test("can verify before it writes: what a provider answered wrongly destroys nothing", async () => {
    const { ring, switched } = makeRing();
    const record = await ring.seal(message, acme);
    switched.version = "2";
    switched.garbles = true;
    expect(await ring.refresh({ verify: true })).toMatchObject({ counts: { failed: 1, changed: 0 } });
    switched.garbles = false;
    expect((await ring.refresh({ verify: true })).counts).toMatchObject({ failed: 0, changed: 1 });
    expect(await ring.open(record, acme)).toEqual(message);
  });

  test("refuses options that it does not have", async () => {
    const { ring } = makeRing();
    const wrong = { contexts: {} } as object;
    await expect(ring.refresh(wrong)).rejects.toThrow(TypeError);
    await expect(ring.rewrap({ from: [], to: [] }, wrong)).rejects.toThrow(TypeError);
    await expect(collect(ring.stale(wrong))).rejects.toThrow(TypeError);
  });
});

describe("rewrap", () => {
  test("moves to another KEK, verified before it is written, and once", async () => {
    const { ring, switched, store } = makeRing();
    const record = await ring.seal(message, acme);
    const target = switchedKek("target");
    expect((await ring.rewrap({ from: [switched.kek], to: [target.kek] })).counts).toMatchObject({ changed: 1, failed: 0 });
    expect(target.calls).toEqual(["wrap", "unwrap"]);
    expect((await ring.rewrap({ from: [switched.kek], to: [target.kek] })).counts).toMatchObject({ current: 1 });
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 10 } };
    const moved = disposedLater(createKeyring({ keks: [target.kek], store, policy }));
    expect(await moved.open(record, acme)).toEqual(message);
    expect(await collect(ring.stale())).toMatchObject([{ recipients: [{ keyRef: "target", currentVersion: undefined }] }]);
    expect(await collect(moved.stale())).toEqual([]);
  });

  test("writes nothing that the new KEK does not open", async () => {
    const { ring, switched, process } = makeRing();
    const record = await ring.seal(message, acme);
    const target = switchedKek("target");
    target.garbles = true;
    expect(await ring.rewrap({ from: [switched.kek], to: [target.kek] })).toMatchObject({ counts: { failed: 1 } });
    expect(await process().open(record, acme)).toEqual(message);
  });

  test("moves the intermediate KEKs of a hierarchy, and leaves what they wrap", async () => {
    const { ring, switched, store } = makeRing({ hierarchy: ["tenant"] });
    const record = await ring.seal(message, acme);
    const target = switchedKek("target");
    expect((await ring.rewrap({ from: [switched.kek], to: [target.kek] })).counts).toMatchObject({ changed: 1, unaffected: 1 });
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 10 }, hierarchy: ["tenant"] };
    const moved = disposedLater(createKeyring({ keks: [target.kek], store, policy }));
    expect(await moved.open(record, acme)).toEqual(message);
  });

  test("does not count as current what some other KEK holds", async () => {
    const { ring, store } = makeRing();
    const { blob } = await createDataKey([switchedKek("stranger").kek], { context: acme.context });
    await store.create("a slot", blob, undefined);
    const target = switchedKek("target");
    expect((await ring.rewrap({ from: [switchedKek("from").kek], to: [target.kek] })).counts).toMatchObject({ unaffected: 1, current: 0 });
    expect(await collect(ring.stale())).toMatchObject([{ recipients: [{ keyRef: "stranger" }] }]);
  });
});

async function rewrapped(kek: Kek, blob: Uint8Array): Promise<Uint8Array> {
  const { asStored, rewrap } = await import("@letterlock/core");
  return rewrap(blob, { from: [kek], to: [kek] }, { context: asStored() });
}
