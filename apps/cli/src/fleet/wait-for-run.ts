import { setTimeout as wait } from "node:timers/promises";
import type { Fleet, RunStatus } from "@letterlock/migrate/bullmq";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { troubleOfBooks } from "../migrate/verdict.ts";
import type { Report } from "../terminal/report.ts";
import { runLines } from "./fleet-text.ts";

const lookMs = 1_000;

/** Looks until the run is complete, prints its books, and ends with the status that they have. */
export async function waitForRun(
  fleet: Fleet,
  run: string,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<ExitStatus> {
  const { fleetStatus } = await import("@letterlock/migrate/bullmq");
  for (;;) {
    signal.throwIfAborted();
    const [status] = (await fleetStatus(fleet, { run })).runs;
    if (status === undefined) throw failure("incomplete", `the run ${run} was cancelled`);
    if (status.isComplete) {
      report.result(runLines(status).join("\n"), { step: "status", ...status }, "always");
      const trouble = troubleOfRun(status);
      return trouble === undefined ? 0 : report.failed(trouble, run);
    }
    await wait(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Why what was asked for is not true; undefined where it is. */
function troubleOfRun({ ok, books, stores }: RunStatus): Error | undefined {
  if (ok) return undefined;
  const refused = stores.reduce((sum, store) => sum + store.refused, 0);
  if (refused > 0) return failure("incomplete", `${refused} partitions were refused: not every object of them opens with the target alone`);
  // What was accepted when it was enqueued is not known here, and is ok.
  return troubleOfBooks(books, []);
}
