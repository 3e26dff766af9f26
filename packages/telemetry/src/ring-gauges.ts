import type { BatchObservableCallback, Meter, ObservableGauge } from "@opentelemetry/api";
import { keyAttributes } from "./key-attributes.ts";
import { metricNames } from "./metric-names.ts";
import type { TraceableRing } from "./traceable-ring.ts";

/** Reads `ring.status()` whenever metrics are collected, until the function that it returns is called. */
export function observeRing(ring: Pick<TraceableRing, "status">, meter: Meter, name: string): () => void {
  const gauge = ({ name: metric, ...is }: { name: string; unit: string; description: string }): ObservableGauge =>
    meter.createObservableGauge(metric, is);
  const keys = gauge(metricNames.ringKeys);
  const intermediates = gauge(metricNames.ringIntermediates);
  const oldestAge = gauge(metricNames.ringOldestAge);
  const away = gauge(metricNames.ringKekAway);
  const lastSuccess = gauge(metricNames.ringKekSuccess);
  const identity = { "letterlock.keyring": name };
  const observe: BatchObservableCallback = (result) => {
    const status = ring.status();
    const now = Date.now();
    result.observe(keys, status.keysInMemory, identity);
    result.observe(intermediates, status.intermediatesInMemory, identity);
    if (status.oldestKeyAgeMs !== undefined) result.observe(oldestAge, status.oldestKeyAgeMs / 1000, identity);
    for (const kek of status.keks) {
      const attributes = { ...identity, ...keyAttributes(kek) };
      result.observe(away, kek.awaySince === undefined ? 0 : (now - kek.awaySince) / 1000, attributes);
      if (kek.lastSuccess !== undefined) result.observe(lastSuccess, (now - kek.lastSuccess) / 1000, attributes);
    }
  };
  const gauges = [keys, intermediates, oldestAge, away, lastSuccess];
  meter.addBatchObservableCallback(observe, gauges);
  return () => meter.removeBatchObservableCallback(observe, gauges);
}
