import { channel } from "node:diagnostics_channel";
import { aroundKek, createIntermediateKek, intermediateKek, type Kek } from "@letterlock/core";
import { createKeyring, memoryKeyStore } from "@letterlock/keyring";
import { type Meter, type Span, type Tracer, trace } from "@opentelemetry/api";
import { beforeEach, describe, expect, test } from "vitest";
import { degradedSeals, providerCallChannel, traced, tracedKeyring } from "../src/index.ts";
import { collecting } from "./support/collected.ts";
import { kekCall, ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

const message = new TextEncoder().encode("message");
const call = { context: { tenant: "acme" }, aad: "" };

let collected = collecting();
beforeEach(() => {
  collected = collecting();
});

const failing = (what: string) => () => {
  throw new Error(`the ${what} is broken`);
};

/** Everything that a span does fails. */
const brokenSpan = new Proxy(trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 }), {
  get: (span, name) => (name === "isRecording" || name === "spanContext" ? () => true : failing(String(name)).bind(span)),
}) as Span;
const tracers: Record<string, Tracer> = {
  "whose spans do not start": { startSpan: failing("tracer"), startActiveSpan: failing("tracer") },
  "whose spans fail": { startSpan: () => brokenSpan, startActiveSpan: failing("tracer") },
};
const brokenMeter = {
  ...({} as Meter),
  createHistogram: () => ({ record: failing("meter") }),
  createCounter: () => ({ add: failing("meter") }),
  createObservableGauge: () => ({}),
  addBatchObservableCallback: () => undefined,
  removeBatchObservableCallback: failing("meter"),
} as unknown as Meter;

describe.each(Object.entries(tracers))("a tracer %s, and a meter that throws", (_what, tracer) => {
  const options = { tracer, meter: brokenMeter };

  test("fail no call of a KEK, and change no error", async () => {
    const { kek, script } = scriptedKek();
    const measured = traced(publishing(kek), options);
    const { wrapped } = await measured.wrap(new Uint8Array(32), kekCall());
    expect(wrapped.length).toBeGreaterThan(0);
    const error = new ScriptedError("throttled");
    script.push(error);
    await expect(measured.wrap(new Uint8Array(32), kekCall())).rejects.toBe(error);
  });

  test("fail no seal and no open of a ring", async () => {
    const { kek } = scriptedKek();
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 5 } };
    using ring = tracedKeyring(createKeyring({ keks: [traced(kek, options)], store: memoryKeyStore(), policy }), options);
    const record = await ring.seal(message, call);
    expect(await ring.seal(message, call)).toHaveLength(record.length);
    expect(await ring.open(record, call)).toEqual(message);
    expect(ring.openSync(record, call)).toEqual(message);
    await expect(ring.open(record, { ...call, aad: "other" })).rejects.toMatchObject({ code: "not-authentic" });
    expect((await ring.destroy(call.context)).keyIds).toHaveLength(1);
  });

  test("fail no count of degraded seals", () => {
    expect(() => degradedSeals({ meter: brokenMeter })([{ provider: "local", keyRef: "a", code: "unavailable" }])).not.toThrow();
  });
});

test("a metric of an intermediate KEK has no keyRef, which would be a series for each tenant; its span has it", async () => {
  const { kek: outer } = scriptedKek();
  using kek = intermediateKek({ ...(await createIntermediateKek([outer])), keks: [outer], maxAgeMs: 60_000 });
  const { wrapped } = await traced<Kek>(kek, collected.options).wrap(new Uint8Array(32), kekCall());
  expect(wrapped.length).toBeGreaterThan(0);
  expect(collected.spans()[0]?.attributes).toMatchObject({ "letterlock.provider": "intermediate", "letterlock.key_ref": kek.keyRef });
  const { meter } = collected.options;
  degradedSeals({ meter })([{ provider: "intermediate", keyRef: kek.keyRef, code: "unavailable" }]);
  const points = await collected.points();
  for (const name of ["letterlock.kek.calls", "letterlock.kek.call.duration", "letterlock.seals.degraded"]) {
    expect(points[name]).toHaveLength(1);
    expect(points[name]?.[0]?.attributes).toMatchObject({ "letterlock.provider": "intermediate" });
    expect(points[name]?.[0]?.attributes).not.toHaveProperty("letterlock.key_ref");
  }
});

/** As an adapter does. A listener that throws would end the process. */
function publishing(kek: Kek): Kek {
  return aroundKek(kek, async (operation, _call, run) => {
    const { provider, keyRef } = kek;
    channel(providerCallChannel).publish({ provider, keyRef, operation, requestId: "a", clientRequestId: "b" });
    return run();
  });
}
