import type { ExitStatus } from "../exit-status.ts";
import { failure, usage } from "../failure.ts";
import { withFleet } from "../fleet/fleet-connection.ts";
import { type FleetOptions, queueOf } from "../fleet/fleet-options.ts";
import { evictionWarning, runLines, workerLines } from "../fleet/fleet-text.ts";
import { waitForRun } from "../fleet/wait-for-run.ts";
import { untilInterrupted } from "../interrupt.ts";
import { createReport } from "../terminal/report.ts";

/** One view of the runs, the workers and their troubles. With --wait it ends as the run does. */
export async function migrateFleetStatus(options: FleetOptions): Promise<ExitStatus> {
  const report = createReport(options);
  const { run, wait = false } = options;
  if (wait && run === undefined) throw usage("--wait needs the run to wait for: --run RUN");
  return await withFleet<ExitStatus>(queueOf(options), async ({ fleet, place }) => {
    const { fleetStatus } = await import("@letterlock/migrate/bullmq");
    const status = await fleetStatus(fleet, { run });
    if (run !== undefined && status.runs.length === 0) throw usage(`there is no run ${run} at ${place}`);
    const warning = evictionWarning(status);
    if (warning !== undefined) report.warning(warning, { evicts: status.evicts });
    if (wait && run !== undefined) {
      const ended = new AbortController();
      void untilInterrupted("interrupted: the run goes on").then(() => ended.abort(failure("interrupted", "interrupted: the run goes on")));
      return await waitForRun(fleet, run, { report, signal: ended.signal });
    }
    const lines = [...(status.runs.length === 0 ? ["no runs"] : status.runs.flatMap(runLines)), ...workerLines(status)];
    report.result(lines.join("\n"), { step: "status", ...status }, "always");
    return 0;
  });
}

export type FleetOrder = "pause" | "resume" | "drain";

const done: Readonly<Record<FleetOrder, string>> = {
  pause: "paused: no partition is taken, and walks hold between two objects; `migrate resume` lets them go on",
  resume: "resumed",
  drain: "drained: workers finish what they have or hand it back, and end; workers that are started later work",
};

/** Says it to all workers. They hear it with their next sign of life, a second later at most. */
export async function migrateFleetOrder(order: FleetOrder, options: FleetOptions): Promise<ExitStatus> {
  const report = createReport(options);
  return await withFleet<ExitStatus>(queueOf(options), async ({ fleet, place }) => {
    const { drainFleet, pauseFleet, resumeFleet } = await import("@letterlock/migrate/bullmq");
    await { pause: pauseFleet, resume: resumeFleet, drain: drainFleet }[order](fleet);
    report.result(`${place} is ${done[order]}`, { step: order, place });
    return 0;
  });
}

/** Takes a run and its books out of the queue. */
export async function migrateCancel(run: string, options: FleetOptions): Promise<ExitStatus> {
  const report = createReport(options);
  return await withFleet<ExitStatus>(queueOf(options), async ({ fleet, place }) => {
    const { cancelRun } = await import("@letterlock/migrate/bullmq");
    await cancelRun(fleet, run).catch((error: unknown) => {
      throw error instanceof TypeError ? usage(`${error.message} at ${place}`) : error;
    });
    report.result(`the run ${run} is cancelled: what was written stays, and its books are gone`, { step: "cancel", run, place });
    return 0;
  });
}
