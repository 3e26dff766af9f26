import { INVALID_SPAN_CONTEXT, type Span, type SpanOptions, type Tracer, trace } from "@opentelemetry/api";

/** Telemetry that is broken must not fail what it measures. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // It is the application's tracer or meter, and tells of itself what it has to tell.
  }
}

/** A span that records nothing where the tracer throws. */
export function startSpan(tracer: Tracer, name: string, options: SpanOptions): Span {
  let span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  quietly(() => {
    span = tracer.startSpan(name, options);
  });
  return span;
}

export function isRecording(span: Span): boolean {
  let recording = false;
  quietly(() => {
    recording = span.isRecording();
  });
  return recording;
}
