import { codeAttributes } from "./code.ts";
import { seriesAttributes } from "./key-attributes.ts";
import { metricNames } from "./metric-names.ts";
import { readTelemetry, type TelemetryOptions } from "./options.ts";
import { quietly } from "./quietly.ts";

interface MissingKek {
  readonly provider: string;
  readonly keyRef: string;
  readonly code: "throttled" | "unavailable";
}

/** `onDegraded` of `sealAtLeast` that counts: one for each KEK that an envelope misses. */
export function degradedSeals(options: Pick<TelemetryOptions, "meter"> = {}): (missing: readonly MissingKek[]) => void {
  const { meter } = readTelemetry(options, ["meter"]);
  const { name, ...is } = metricNames.degradedSeals;
  const seals = meter.createCounter(name, is);
  return (missing) => {
    for (const kek of missing) quietly(() => seals.add(1, { ...seriesAttributes(kek), ...codeAttributes(kek.code) }));
  };
}
