import { LetterlockError } from "@letterlock/core";
import { createKeyring, type Keyring, memoryKeyStore } from "@letterlock/keyring";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { DataPoint, Histogram } from "@opentelemetry/sdk-metrics";
import { beforeEach, describe, expect, test } from "vitest";
import { traced, tracedKeyring } from "../src/index.ts";
import { collecting, withAttributes } from "./support/collected.ts";
import { ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

const message = new TextEncoder().encode("message");
const call = { context: { tenant: "acme" }, aad: "place" };
const duration = "letterlock.keyring.operation.duration";

let collected = collecting();
beforeEach(() => {
  collected = collecting();
});

/** How many operations were measured with these attributes. */
async function measured(attributes: Record<string, string | boolean>): Promise<number> {
  const points = withAttributes((await collected.points())[duration] as readonly DataPoint<Histogram>[] | undefined, attributes);
  return points.reduce((sum, { value }) => sum + value.count, 0);
}

function startRing(): { ring: Keyring; script: unknown[]; kek: ReturnType<typeof scriptedKek>["kek"] } {
  const { kek, script } = scriptedKek("a");
  const inner = createKeyring({
    keks: [traced(kek, collected.options)],
    store: memoryKeyStore(),
    policy: { memory: { maxAgeMs: 60_000, maxKeys: 10 } },
  });
  return { ring: tracedKeyring(inner, { ...collected.options, name: "orders" }), script, kek };
}

describe("tracedKeyring", () => {
  test("says which operations a key in memory served, and which had to wait", async () => {
    using ring = startRing().ring;
    const record = await ring.seal(message, call);
    expect(await ring.open(record, call)).toEqual(message);
    for (let i = 0; i < 3; i++) await ring.seal(message, call);
    expect(ring.openSync(record, call)).toEqual(message);
    expect(ring.sealSync(message, { ...call, context: { tenant: "other" } })).toBeUndefined();
    const identity = { "letterlock.keyring": "orders", "letterlock.code": "ok" };
    expect(await measured({ ...identity, "letterlock.operation": "seal", "letterlock.keyring.warm": false })).toBe(1);
    expect(await measured({ ...identity, "letterlock.operation": "seal", "letterlock.keyring.warm": true })).toBe(3);
    expect(await measured({ ...identity, "letterlock.operation": "open", "letterlock.keyring.warm": true })).toBe(2);
    expect(await measured({})).toBe(6);
    const names = ((await collected.points())[duration] ?? []).flatMap(({ attributes }) => Object.keys(attributes));
    expect([...new Set(names)].sort()).toEqual([
      "letterlock.code",
      "letterlock.keyring",
      "letterlock.keyring.warm",
      "letterlock.operation",
    ]);
  });

  test("measures the ring of a context too", async () => {
    using ring = startRing().ring;
    const acme = ring.forContext(call.context);
    const record = await acme.seal(message, { aad: "place" });
    expect(await acme.open(record, { aad: "place" })).toEqual(message);
    expect(acme.sealSync(message, { aad: "place" })).toBeInstanceOf(Uint8Array);
    expect(await measured({ "letterlock.keyring.warm": true })).toBe(2);
    expect(await measured({ "letterlock.keyring.warm": false })).toBe(1);
  });

  test("makes a span for what had to wait, with the provider's calls inside it", async () => {
    using ring = startRing().ring;
    const record = await ring.seal(message, call);
    await ring.open(record, call);
    const [wrap, seal] = collected.spans();
    expect(collected.spans()).toHaveLength(2);
    expect(seal).toMatchObject({ name: "seal keyring", kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } });
    expect(seal?.attributes).toEqual({ "letterlock.keyring": "orders", "letterlock.operation": "seal", "letterlock.code": "ok" });
    expect(wrap?.name).toBe("wrap local");
    expect(wrap?.parentSpanContext?.spanId).toBe(seal?.spanContext().spanId);
  });

  test("counts failures by their code", async () => {
    const { ring, script } = startRing();
    using _ = ring;
    script.push(new ScriptedError("unavailable"));
    await expect(ring.seal(message, call)).rejects.toMatchObject({ code: "unavailable" });
    expect(await measured({ "letterlock.operation": "seal", "error.type": "unavailable", "letterlock.keyring.warm": false })).toBe(1);
    expect(collected.spans().at(-1)?.status).toEqual({ code: SpanStatusCode.ERROR });
    const record = await ring.seal(message, call);
    record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
    await expect(ring.open(record, call)).rejects.toSatisfy(LetterlockError.is);
    expect(await measured({ "letterlock.operation": "open", "error.type": "not-authentic", "letterlock.keyring.warm": true })).toBe(1);
    await expect(ring.seal("text" as unknown as Uint8Array, call)).rejects.toThrow(TypeError);
    expect(await measured({ "error.type": "_OTHER" })).toBe(1);
  });

  test("lets a caller leave who left before", async () => {
    using ring = startRing().ring;
    await ring.seal(message, call);
    const reason = new Error("left");
    await expect(ring.seal(message, { ...call, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(ring.open(message, { ...call, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("measures what changes key blobs", async () => {
    const { ring, kek } = startRing();
    using _ = ring;
    await ring.seal(message, call);
    await ring.refresh();
    await ring.rewrap({ from: [kek], to: [kek] });
    await ring.destroy(call.context);
    for (const operation of ["refresh", "rewrap", "destroy"]) {
      expect(await measured({ "letterlock.operation": operation, "letterlock.code": "ok" })).toBe(1);
      expect(collected.spans().filter(({ name }) => name === `${operation} keyring`)).toHaveLength(1);
    }
    const stale = [];
    for await (const key of ring.stale()) stale.push(key);
    expect(stale).toEqual([]);
  });

  test("shows what is in memory, and since when a KEK is away, until it is disposed of", async () => {
    const { ring, script } = startRing();
    await ring.seal(message, call);
    const identity = { "letterlock.keyring": "orders" };
    const kek = { ...identity, "letterlock.provider": "local", "letterlock.key_ref": "a" };
    const here = await collected.points();
    expect(here["letterlock.keyring.keys"]).toMatchObject([{ attributes: identity, value: 1 }]);
    expect(here["letterlock.keyring.intermediates"]).toMatchObject([{ attributes: identity, value: 0 }]);
    expect(here["letterlock.keyring.oldest_key.age"]).toMatchObject([{ attributes: identity, value: expect.any(Number) }]);
    expect(here["letterlock.keyring.kek.away"]).toMatchObject([{ attributes: kek, value: 0 }]);
    expect(here["letterlock.keyring.kek.last_success.age"]?.[0]?.value).toBeLessThan(60);
    script.push(new ScriptedError("unavailable"));
    await expect(ring.seal(message, { ...call, context: { tenant: "other" } })).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await collected.points())["letterlock.keyring.kek.away"]?.[0]?.value).toBeGreaterThan(0);
    ring[Symbol.dispose]();
    const gone = await collected.points();
    expect(gone["letterlock.keyring.keys"]).toMatchObject([{ value: 0 }]);
    expect(gone["letterlock.keyring.oldest_key.age"]).toMatchObject([{ value: 0 }]);
    expect(gone["letterlock.keyring.kek.away"]).toMatchObject([{ value: 0 }]);
    expect(() => ring.sealSync(message, call)).toThrow(TypeError);
  });

  test("reads the status of a ring that is disposed of once more, and then no more", async () => {
    const inner = createKeyring({ keks: [scriptedKek().kek], store: memoryKeyStore(), policy: { memory: { maxAgeMs: 1, maxKeys: 1 } } });
    let read = 0;
    const counting = { ...inner, status: () => ({ ...inner.status(), read: ++read }) };
    const ring = tracedKeyring(counting, collected.options);
    await collected.points();
    ring[Symbol.dispose]();
    for (let i = 0; i < 5; i++) {
      await collected.points();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(read).toBe(2);
  });

  test("is a ring of the same members", () => {
    const inner = createKeyring({ keks: [scriptedKek().kek], store: memoryKeyStore(), policy: { memory: { maxAgeMs: 1, maxKeys: 1 } } });
    using ring = tracedKeyring(inner);
    expect(Reflect.ownKeys(ring).map(String).sort()).toEqual(Reflect.ownKeys(inner).map(String).sort());
    expect(ring.status()).toEqual(inner.status());
    expect(() => tracedKeyring(inner, { names: "x" } as object)).toThrow(TypeError);
  });
});
