import type { BatchObservableCallback, Meter, ObservableGauge } from "@opentelemetry/api";
import { seriesAttributes } from "./key-attributes.ts";
import { metricNames } from "./metric-names.ts";
import { quietly } from "./quietly.ts";
import type { TraceableRing } from "./traceable-ring.ts";

/**
 * Reads `ring.status()` whenever metrics are collected. The function that it returns ends that, after one more time: what was observed last stays in the
 * SDK's hands, and that should be an empty ring.
 */
export function observeRing(ring: Pick<TraceableRing, "status">, meter: Meter, name: string): () => void {
  const gauge = ({ name: metric, ...is }: { name: string; unit: string; description: string }): ObservableGauge =>
    meter.createObservableGauge(metric, is);
  const keys = gauge(metricNames.ringKeys);
  const intermediates = gauge(metricNames.ringIntermediates);
  const oldestAge = gauge(metricNames.ringOldestAge);
  const away = gauge(metricNames.ringKekAway);
  const lastSuccess = gauge(metricNames.ringKekSuccess);
  const identity = { "letterlock.keyring": name };
  let ended = false;
  const observe: BatchObservableCallback = (result) => {
    const status = ring.status();
    const now = Date.now();
    result.observe(keys, status.keysInMemory, identity);
    result.observe(intermediates, status.intermediatesInMemory, identity);
    const age = status.oldestKeyAgeMs ?? (ended ? 0 : undefined);
    if (age !== undefined) result.observe(oldestAge, age / 1000, identity);
    for (const kek of status.keks) {
      const attributes = { ...identity, ...seriesAttributes(kek) };
      result.observe(away, kek.awaySince === undefined || ended ? 0 : (now - kek.awaySince) / 1000, attributes);
      if (kek.lastSuccess !== undefined) result.observe(lastSuccess, (now - kek.lastSuccess) / 1000, attributes);
    }
    // Not at once: the SDK is about to call those that come after.
    if (ended) setImmediate(() => quietly(() => meter.removeBatchObservableCallback(observe, gauges)));
  };
  const gauges = [keys, intermediates, oldestAge, away, lastSuccess];
  meter.addBatchObservableCallback(observe, gauges);
  return () => {
    ended = true;
  };
}
