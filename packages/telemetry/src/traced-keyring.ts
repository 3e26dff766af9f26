import { context, type Histogram, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { type Code, codeAttributes, codeOfError, isFailure } from "./code.ts";
import { metricNames } from "./metric-names.ts";
import { readTelemetry, type TelemetryOptions } from "./options.ts";
import { quietly, startSpan } from "./quietly.ts";
import { observeRing } from "./ring-gauges.ts";
import type { TraceableContextRing, TraceableRing } from "./traceable-ring.ts";

export interface KeyringTelemetryOptions extends TelemetryOptions {
  /** Which ring of the process it is: "letterlock.keyring" of every span and metric. "default" by default. */
  readonly name?: string | undefined;
}

// In seconds. What a key in memory serves takes microseconds; what waits for a provider takes as long as a request.
const boundaries = [0.00001, 0.000025, 0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The ring, measured: how long operations took, how they ended and whether a key in memory served them ("letterlock.keyring.warm"), with a span for each
 * that had to wait; and gauges of `ring.status()` until the ring is disposed of. No context, aad, plaintext or record is recorded.
 */
export function tracedKeyring<R extends TraceableRing>(ring: R, options: KeyringTelemetryOptions = {}): R {
  const { tracer, meter } = readTelemetry(options, ["tracer", "meter", "name"]);
  const { name = "default" } = options;
  const { name: durationName, ...durationIs } = metricNames.ringDuration;
  const durations = meter.createHistogram(durationName, { ...durationIs, advice: { explicitBucketBoundaries: boundaries } });
  const stop = observeRing(ring, meter, name);
  const measuring = createMeasuring(tracer, durations, name);
  const outer: TraceableRing = {
    ...ring,
    ...sealing(ring, measuring),
    forContext: (...given) => {
      const bound = ring.forContext(...given);
      return { ...bound, ...sealing(bound, measuring) };
    },
    refresh: (...given) => measuring.waiting("refresh", signalIn(given[0]), () => ring.refresh(...given)),
    rewrap: (...given) => measuring.waiting("rewrap", signalIn(given[1]), () => ring.rewrap(...given)),
    destroy: (...given) => measuring.waiting("destroy", signalIn(given[1]), () => ring.destroy(...given)),
    [Symbol.dispose]() {
      stop();
      ring[Symbol.dispose]();
    },
  };
  return Object.freeze(outer) as R;
}

/** The four of a ring and of a context's ring. What a key in memory can serve is served so, which is what `seal` and `open` themselves begin with. */
function sealing(ring: TraceableContextRing, measuring: Measuring): TraceableContextRing {
  return {
    sealSync: (plaintext, call) => measuring.warm("seal", () => ring.sealSync(plaintext, call)),
    openSync: (record, call) => measuring.warm("open", () => ring.openSync(record, call)),
    async seal(plaintext, { signal, ...call }) {
      signal?.throwIfAborted();
      const warm = measuring.warm("seal", () => ring.sealSync(plaintext, call));
      return warm ?? measuring.waiting("seal", signal, () => ring.seal(plaintext, { ...call, signal }));
    },
    async open(record, { signal, ...call }) {
      signal?.throwIfAborted();
      const warm = measuring.warm("open", () => ring.openSync(record, call));
      return warm ?? measuring.waiting("open", signal, () => ring.open(record, { ...call, signal }));
    },
  };
}

interface Measuring {
  /** Measured where it answered: undefined is none. */
  warm<T>(operation: string, run: () => T | undefined): T | undefined;
  waiting<T>(operation: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T>;
}

function createMeasuring(tracer: Tracer, durations: Histogram, name: string): Measuring {
  const identity = { "letterlock.keyring": name };
  const record = (operation: string, warm: boolean, code: Code, began: number): void => {
    const attributes = { ...identity, "letterlock.operation": operation, "letterlock.keyring.warm": warm, ...codeAttributes(code) };
    quietly(() => durations.record((performance.now() - began) / 1000, attributes));
  };
  return {
    warm(operation, run) {
      const began = performance.now();
      try {
        const answer = run();
        if (answer !== undefined) record(operation, true, "ok", began);
        return answer;
      } catch (error) {
        record(operation, true, codeOfError(error, undefined), began);
        throw error;
      }
    },
    async waiting(operation, signal, run) {
      const span = startSpan(tracer, `${operation} keyring`, {
        kind: SpanKind.INTERNAL,
        attributes: { ...identity, "letterlock.operation": operation },
      });
      const began = performance.now();
      const end = (code: Code): void => {
        record(operation, false, code, began);
        quietly(() => span.setAttributes(codeAttributes(code)));
        if (isFailure(code)) quietly(() => span.setStatus({ code: SpanStatusCode.ERROR }));
        quietly(() => span.end());
      };
      try {
        const result = await context.with(trace.setSpan(context.active(), span), run);
        end("ok");
        return result;
      } catch (error) {
        end(codeOfError(error, signal));
        throw error;
      }
    },
  };
}

function signalIn(options: unknown): AbortSignal | undefined {
  const signal = (options as { readonly signal?: unknown } | undefined)?.signal;
  return signal instanceof AbortSignal ? signal : undefined;
}
