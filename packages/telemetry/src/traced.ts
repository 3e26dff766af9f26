import { aroundKek, type KekUnwrapper, type KekWrapper } from "@letterlock/core";
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { createAttempts } from "./attempts.ts";
import { type Code, codeAttributes, codeOfCall, isFailure } from "./code.ts";
import { keyAttributes, seriesAttributes } from "./key-attributes.ts";
import { metricNames } from "./metric-names.ts";
import { readTelemetry, type TelemetryOptions } from "./options.ts";
import { createProviderCalls, type ProviderCall } from "./provider-calls.ts";
import { isRecording, quietly, startSpan } from "./quietly.ts";

/** KEKs that nothing remote stands behind. */
const local: ReadonlySet<string> = new Set(["local", "passphrase", "intermediate"]);

// The boundaries that the semantic conventions advise for the duration of requests, in seconds.
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * The KEK, with a span and two measurements for each of its calls: who, what, which attempt, how long and how it ended. Inside `retrying` that is each attempt.
 * The span is the active one while the call runs, and gets the request ids that the adapter publishes. Nothing of a data key, a wrapped one, a
 * context, an error's message or its stack is recorded.
 */
export function traced<K extends KekWrapper | KekUnwrapper>(kek: K, options: TelemetryOptions = {}): K {
  const { tracer, meter } = readTelemetry(options);
  const { name: durationName, ...durationIs } = metricNames.callDuration;
  const { name: callsName, ...callsAre } = metricNames.calls;
  const durations = meter.createHistogram(durationName, { ...durationIs, advice: { explicitBucketBoundaries: boundaries } });
  const calls = meter.createCounter(callsName, callsAre);
  const key = keyAttributes(kek);
  const series = seriesAttributes(kek);
  const kind = local.has(kek.provider) ? SpanKind.INTERNAL : SpanKind.CLIENT;
  const attemptOf = createAttempts();
  const providerCalls = createProviderCalls();
  return aroundKek(kek, async (operation, call, run) => {
    const attributes = { ...key, "letterlock.operation": operation, "letterlock.attempt": attemptOf(operation, call) };
    const span = startSpan(tracer, `${operation} ${kek.provider}`, { kind, attributes });
    const began = performance.now();
    const end = (code: Code, found: Attributes = {}): void => {
      const measured = { ...series, "letterlock.operation": operation, ...codeAttributes(code) };
      quietly(() => durations.record((performance.now() - began) / 1000, measured));
      quietly(() => calls.add(1, measured));
      quietly(() => span.setAttributes({ ...codeAttributes(code), ...found }));
      if (isFailure(code)) quietly(() => span.setStatus({ code: SpanStatusCode.ERROR }));
      quietly(() => span.end());
    };
    const inSpan = () => context.with(trace.setSpan(context.active(), span), () => run());
    try {
      const result = await (isRecording(span) ? providerCalls.during(inSpan, noteOn(span)) : inSpan());
      end("ok", versionIn(result));
      return result;
    } catch (error) {
      end(codeOfCall(kek, error, call.signal));
      throw error;
    }
  });
}

/** All ids of the span, because a KEK that retries inside makes several calls. What answers after its caller left is nobody's call any more. */
function noteOn(span: Span): (call: ProviderCall) => void {
  const ids: string[] = [];
  const clientIds: string[] = [];
  const note = ({ provider, requestId, clientRequestId }: ProviderCall): void => {
    if (!span.isRecording()) return;
    if (clientRequestId !== undefined) span.setAttribute("letterlock.client_request_id", [...add(clientIds, clientRequestId)]);
    if (requestId === undefined) return;
    span.setAttribute("letterlock.provider_request_id", [...add(ids, requestId)]);
    // The registry of the semantic conventions has names for two providers. They hold the last one.
    if (provider === "aws-kms") span.setAttribute("aws.request_id", requestId);
    if (provider === "azure-key-vault") span.setAttribute("azure.service.request.id", requestId);
  };
  // What a listener of a channel throws ends the process.
  return (call) => quietly(() => note(call));
}

function add(ids: string[], id: string): readonly string[] {
  ids.push(id);
  return ids;
}

/** The version that wrapped, or is the current one. SPEC section 3 has the grammar; what an adapter gives is not checked yet. */
function versionIn(result: unknown): Attributes {
  const version = typeof result === "object" && result !== null && "keyVersion" in result ? result.keyVersion : result;
  return typeof version === "string" && /^[\x21-\x7e]{1,255}$/.test(version) ? { "letterlock.key_version": version } : {};
}
