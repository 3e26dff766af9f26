import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";

export interface TelemetryOptions {
  /** That of the global provider by default, under the name of this package. */
  readonly tracer?: Tracer | undefined;
  readonly meter?: Meter | undefined;
}

const scope = "@letterlock/telemetry";

/** An unknown option is a `TypeError`. */
export function readTelemetry(options: TelemetryOptions, known: readonly string[] = ["tracer", "meter"]): { tracer: Tracer; meter: Meter } {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option: ${known.join(", ")}`);
  const { tracer = trace.getTracer(scope), meter = metrics.getMeter(scope) } = options;
  if (typeof tracer.startSpan !== "function") throw new TypeError("tracer must be a Tracer of @opentelemetry/api");
  if (typeof meter.createHistogram !== "function") throw new TypeError("meter must be a Meter of @opentelemetry/api");
  return { tracer, meter };
}
