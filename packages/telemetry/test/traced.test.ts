import { type Kek, seal } from "@letterlock/core";
import { retrying, timed } from "@letterlock/resilience";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { beforeEach, describe, expect, test } from "vitest";
import { traced } from "../src/index.ts";
import { collecting, withAttributes } from "./support/collected.ts";
import { kekCall, ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

const dataKey = new Uint8Array(32);
let collected = collecting();
beforeEach(() => {
  collected = collecting();
});

describe("traced", () => {
  test("makes a span and two measurements of a call", async () => {
    const { kek } = scriptedKek("a");
    await traced(kek, collected.options).wrap(dataKey, kekCall());
    const [span] = collected.spans();
    expect(span).toMatchObject({
      name: "wrap local",
      kind: SpanKind.INTERNAL,
      status: { code: SpanStatusCode.UNSET },
      events: [],
      links: [],
    });
    expect(span?.attributes).toEqual({
      "letterlock.provider": "local",
      "letterlock.key_ref": "a",
      "letterlock.operation": "wrap",
      "letterlock.attempt": 1,
      "letterlock.code": "ok",
    });
    const { "letterlock.kek.calls": calls, "letterlock.kek.call.duration": durations } = await collected.points();
    const attributes = {
      "letterlock.provider": "local",
      "letterlock.key_ref": "a",
      "letterlock.operation": "wrap",
      "letterlock.code": "ok",
    };
    expect(calls).toMatchObject([{ attributes, value: 1 }]);
    expect(durations).toMatchObject([{ attributes, value: { count: 1 } }]);
    expect(calls?.[0]?.attributes).toEqual(attributes);
  });

  test.each(["access-denied", "kek-not-found", "kek-unusable", "not-authentic", "throttled", "unavailable", "provider-error"] as const)(
    "counts %s by its code, and marks the span",
    async (code) => {
      const { kek, script } = scriptedKek();
      const error = new ScriptedError(code);
      script.push(error);
      await expect(traced(kek, collected.options).wrap(dataKey, kekCall())).rejects.toBe(error);
      const [span] = collected.spans();
      expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
      expect(span?.attributes).toMatchObject({ "letterlock.code": code, "error.type": code });
      const { "letterlock.kek.calls": calls } = await collected.points();
      expect(withAttributes(calls, { "letterlock.code": code, "error.type": code })).toMatchObject([{ value: 1 }]);
    },
  );

  test("counts a network error as unavailable", async () => {
    const { kek, script } = scriptedKek();
    script.push(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    await expect(traced(kek, collected.options).wrap(dataKey, kekCall())).rejects.toThrow("reset");
    expect(collected.spans()[0]?.attributes).toMatchObject({ "error.type": "unavailable" });
  });

  test("does not blame the provider for a caller who leaves", async () => {
    const { kek, script } = scriptedKek();
    script.push("hang");
    const controller = new AbortController();
    const reason = new Error("left");
    const wrapping = traced(kek, collected.options).wrap(dataKey, kekCall(controller.signal));
    controller.abort(reason);
    await expect(wrapping).rejects.toBe(reason);
    const [span] = collected.spans();
    expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span?.attributes).toMatchObject({ "letterlock.code": "aborted" });
    expect(span?.attributes).not.toHaveProperty("error.type");
  });

  test("tells a deadline of the caller from his leaving", async () => {
    const { kek, script } = scriptedKek();
    script.push("hang");
    await expect(traced(kek, collected.options).wrap(dataKey, kekCall(AbortSignal.timeout(10)))).rejects.toThrow("timeout");
    expect(collected.spans()[0]?.attributes).toMatchObject({ "letterlock.code": "timeout", "error.type": "timeout" });
  });

  test("says which attempt it is, inside retrying, with and without timed between them", async () => {
    for (const between of [(kek: Kek) => kek, (kek: Kek) => timed(kek, { perAttemptMs: 10_000 })]) {
      collected.clear();
      const { kek, script } = scriptedKek();
      script.push(new ScriptedError("throttled"), new ScriptedError("unavailable"));
      const stacked = retrying(between(traced(kek, collected.options)));
      await seal(dataKey, [stacked]);
      await seal(dataKey, [stacked]);
      expect(collected.spans().map(({ attributes }) => [attributes["letterlock.attempt"], attributes["letterlock.code"]])).toEqual([
        [1, "throttled"],
        [2, "unavailable"],
        [3, "ok"],
        [1, "ok"],
      ]);
    }
  });

  test("measures the time of the call", async () => {
    const { kek } = scriptedKek();
    const slow = { ...kek, wrap: (key: Uint8Array, call: ReturnType<typeof kekCall>) => after(50).then(() => kek.wrap(key, call)) };
    await traced(slow, collected.options).wrap(dataKey, kekCall());
    const { "letterlock.kek.call.duration": durations } = await collected.points();
    const { sum = 0 } = (durations?.[0]?.value ?? {}) as { readonly sum?: number };
    expect(sum).toBeGreaterThan(0.045);
    expect(sum).toBeLessThan(5);
  });

  test("is the active span while the call runs", async () => {
    const { kek } = scriptedKek();
    let active: string | undefined;
    const looking = {
      ...kek,
      wrap: (key: Uint8Array, call: ReturnType<typeof kekCall>) => {
        active = trace.getActiveSpan()?.spanContext().spanId;
        return kek.wrap(key, call);
      },
    };
    await traced(looking, collected.options).wrap(dataKey, kekCall());
    expect(active).toBe(collected.spans()[0]?.spanContext().spanId);
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  test("records the version that wrapped", async () => {
    const { kek } = scriptedKek();
    const versioned: Kek = {
      ...kek,
      wrap: async () => ({ wrapped: new Uint8Array(72), keyVersion: "7" }),
      currentVersion: async () => "8",
    };
    const tracing = traced(versioned, collected.options);
    await tracing.wrap(dataKey, kekCall());
    await tracing.currentVersion?.(kekCall());
    await traced<Kek>({ ...kek, currentVersion: async () => "not a version" }, collected.options).currentVersion?.(kekCall());
    expect(collected.spans().map(({ attributes }) => attributes["letterlock.key_version"])).toEqual(["7", "8", undefined]);
  });

  test("has exactly the members of the KEK, and needs no SDK", async () => {
    const { kek } = scriptedKek();
    expect(Object.keys(traced(kek)).sort()).toEqual(Object.keys(kek).sort());
    expect((await traced(kek).wrap(dataKey, kekCall())).wrapped).toHaveLength(72);
  });

  test("refuses options that it does not know or that are none", () => {
    const { kek } = scriptedKek();
    expect(() => traced(kek, { exporter: {} } as object)).toThrow(TypeError);
    expect(() => traced(kek, { tracer: {} } as object)).toThrow(TypeError);
    expect(() => traced(kek, { meter: {} } as object)).toThrow(TypeError);
  });
});

describe("the names of keys", () => {
  test.each([
    [
      "aws-kms",
      "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      { "cloud.provider": "aws", "cloud.region": "eu-west-1", "cloud.account.id": "111122223333" },
    ],
    [
      "gcp-kms",
      "projects/acme/locations/europe-west1/keyRings/app/cryptoKeys/orders",
      { "cloud.provider": "gcp", "cloud.region": "europe-west1", "cloud.account.id": "acme" },
    ],
    [
      "azure-key-vault",
      "https://acme.vault.azure.net/keys/orders",
      { "cloud.provider": "azure", "server.address": "acme.vault.azure.net" },
    ],
    ["vault-transit", "transit/app", {}],
  ])("of %s say where it is", async (provider, keyRef, place) => {
    const { kek } = scriptedKek();
    await traced({ ...kek, provider, keyRef }, collected.options).wrap(dataKey, kekCall());
    const [span] = collected.spans();
    expect(span?.kind).toBe(SpanKind.CLIENT);
    expect(span?.name).toBe(`wrap ${provider}`);
    const own = { "letterlock.operation": "wrap", "letterlock.attempt": 1, "letterlock.code": "ok" };
    expect(span?.attributes).toEqual({ "letterlock.provider": provider, "letterlock.key_ref": keyRef, ...place, ...own });
  });
});

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
