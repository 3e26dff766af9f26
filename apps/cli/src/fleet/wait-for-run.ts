import { setTimeout as wait } from "node:timers/promises";
import type { Fleet, FleetStatus, RunStatus } from "@letterlock/migrate/bullmq";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { troubleOfBooks } from "../migrate/verdict.ts";
import { printable } from "../terminal/printable.ts";
import type { Report } from "../terminal/report.ts";
import { runLines } from "./fleet-text.ts";

const lookMs = 1_000;
/** A worker that was started with the run may take so long to be there, and one that is there says so every second. */
const quietMs = 15_000;

/** Looks until the run is complete, says what keeps it back, each thing once, prints its books, and ends with the status that they have. */
export async function waitForRun(
  fleet: Fleet,
  run: string,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<ExitStatus> {
  const { fleetStatus } = await import("@letterlock/migrate/bullmq");
  const began = performance.now();
  const said = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const all = await fleetStatus(fleet, { run });
    const [status] = all.runs;
    if (status === undefined) throw failure("incomplete", `the run ${run} was cancelled`);
    if (status.isComplete) {
      report.result(runLines(status).join("\n"), { step: "status", ...status }, "always");
      const trouble = troubleOfRun(status);
      return trouble === undefined ? 0 : report.failed(trouble, run);
    }
    for (const line of hindrances(status, all, performance.now() - began)) {
      if (!said.has(line)) report.warning(line, { run });
      said.add(line);
    }
    await wait(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

function hindrances({ run, stores }: RunStatus, { isPaused, workers }: FleetStatus, waitedMs: number): readonly string[] {
  const left = stores.filter(({ isCut, done, partitions }) => !isCut || done < partitions);
  const unqueued = waitedMs >= quietMs && left.some(({ isCut, missing }) => !isCut || missing > 0);
  const has = (store: string): boolean => workers.some((worker) => worker.silentMs < quietMs && worker.stores.includes(store));
  const without = waitedMs < quietMs ? [] : left.filter(({ store }) => !has(store));
  return [
    ...(isPaused ? ["the fleet is paused: `migrate resume` lets it go on"] : []),
    ...(unqueued ? [`not all of ${run} is queued: enqueue it again with --run ${run}`] : []),
    ...without.map(({ store }) => `no worker has ${printable(store)}: start \`migrate worker\` where it is configured`),
    ...left.flatMap(({ store, troubles }) => troubles.map(({ reason }) => `${printable(store)}: ${printable(reason)}; it is tried again`)),
  ];
}

/** Why what was asked for is not true; undefined where it is. */
function troubleOfRun({ ok, books, stores }: RunStatus): Error | undefined {
  if (ok) return undefined;
  const refused = stores.reduce((sum, store) => sum + store.refused, 0);
  if (refused > 0) return failure("incomplete", `${refused} partitions were refused: not every object of them opens with the target alone`);
  // What was accepted when it was enqueued is not known here, and is ok.
  return troubleOfBooks(books, []);
}
