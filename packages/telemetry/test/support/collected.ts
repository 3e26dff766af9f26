import { type Attributes, context, type Meter, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type DataPoint, type Histogram, MeterProvider, type MetricData, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

export interface Collected {
  readonly options: { readonly tracer: Tracer; readonly meter: Meter };
  /** Those that ended, oldest first. */
  spans(): readonly ReadableSpan[];
  /** By the name of the metric. */
  points(): Promise<Readonly<Record<string, readonly DataPoint<number | Histogram>[]>>>;
  metrics(): Promise<readonly MetricData[]>;
  /** Everything that an exporter is given, as text. */
  everything(): Promise<string>;
  clear(): void;
}

/** A pipeline into memory, and the active span of asynchronous code. */
export function collecting(): Collected {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new InMemorySpanExporter();
  const traces = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const reader = new MemoryReader();
  const meters = new MeterProvider({ readers: [reader] });
  const metrics = async () => (await reader.collect()).resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return {
    options: { tracer: traces.getTracer("test"), meter: meters.getMeter("test") },
    spans: () => exporter.getFinishedSpans(),
    points: async () =>
      Object.fromEntries(
        (await metrics()).map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as readonly DataPoint<number>[]]),
      ),
    metrics,
    async everything() {
      const spans = exporter
        .getFinishedSpans()
        .map(({ name, kind, status, attributes, events, links }) => ({ name, kind, status, attributes, events, links }));
      return JSON.stringify([spans, await metrics()]);
    },
    clear: () => exporter.reset(),
  };
}

export function withAttributes<T extends { readonly attributes: Attributes }>(
  all: readonly T[] | undefined,
  wanted: Attributes,
): readonly T[] {
  return (all ?? []).filter(({ attributes }) => Object.entries(wanted).every(([name, value]) => attributes[name] === value));
}

class MemoryReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}
