import type { FleetEvent } from "@letterlock/migrate/bullmq";
import type { ExitStatus } from "../exit-status.ts";
import { withWaitingFleet } from "../fleet/fleet-connection.ts";
import { type FleetOptions, queueOf, seconds } from "../fleet/fleet-options.ts";
import { eventLine, eventWarning } from "../fleet/fleet-text.ts";
import { withWorkerStores } from "../fleet/worker-stores.ts";
import { untilInterrupted } from "../interrupt.ts";
import { createReport } from "../terminal/report.ts";

/** Works on the partitions of a queue until it is drained: by `migrate drain`, or by Ctrl-C or SIGTERM. A second one ends it at once. */
export async function migrateWorker(words: readonly string[], options: FleetOptions): Promise<ExitStatus> {
  const report = createReport(options);
  const url = queueOf(options);
  const drainMs = seconds("--grace", options.grace, "to finish partitions when the worker is drained");
  const lockMs = seconds("--lock", options.lock, "after which a silent worker's partitions go to others");
  const onEvent = (event: FleetEvent): void => {
    if (event.type === "progress") return;
    const [line, warning] = [eventLine(event), eventWarning(event)];
    if (warning !== undefined) report.warning(warning, { event });
    else if (line !== undefined) report.result(line, event);
    else report.result("", event, "machines");
  };
  return await withWaitingFleet<ExitStatus>(url, async ({ fleet, place }) => {
    const { sharedQuota } = await import("../fleet/shared-quota.ts");
    const limiter = (rate: Parameters<typeof sharedQuota>[1]): ReturnType<typeof sharedQuota> => sharedQuota(fleet.connection, rate);
    return await withWorkerStores<ExitStatus>(words, options, limiter, async ({ walk, open }) => {
      const { fleetWorker } = await import("@letterlock/migrate/bullmq");
      const { concurrency, memoryBytes, patience } = walk;
      const worker = fleetWorker(fleet, { stores: open, concurrency, memoryBytes, patience, drainMs, lockMs, onEvent });
      report.result(`working for ${place} on ${Object.keys(open).join(", ")}`, { type: "working", place, stores: Object.keys(open) });
      void untilInterrupted("ended at once; partitions go to others when their locks run out").then(() => worker.drain());
      await worker.ended;
      return 0;
    });
  });
}
