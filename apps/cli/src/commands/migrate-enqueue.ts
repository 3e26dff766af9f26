import type { FleetOperation } from "@letterlock/migrate/bullmq";
import type { ExitStatus } from "../exit-status.ts";
import { failure, usage } from "../failure.ts";
import { withFleet } from "../fleet/fleet-connection.ts";
import { type FleetOptions, queueOf, wholeNumber } from "../fleet/fleet-options.ts";
import { evictionWarning } from "../fleet/fleet-text.ts";
import { waitForRun } from "../fleet/wait-for-run.ts";
import { countedOf } from "../migrate/counted.ts";
import { type StepNeeds, withMigrations } from "../migrate/migration-session.ts";
import { printable } from "../terminal/printable.ts";
import { needsOfRun } from "./migrate-run.ts";

/** Queues the partitions of the stores for workers, and says the id of the run. With --wait it ends as the run does. */
export async function migrateEnqueue(operation: FleetOperation, words: readonly string[], options: FleetOptions): Promise<ExitStatus> {
  const { keep = false, blind = false, refresh = blind, run, verified } = options;
  if (options.report !== undefined) throw usage("--report and --queue: a report is of one process; `migrate status --queue` has the books");
  for (const own of ["concurrency", "memory", "patience"] as const)
    if (options[own] !== undefined) throw usage(`--${own} and --queue: that is for each worker to say: \`migrate worker --${own}\``);
  const partitions = wholeNumber("--partitions", options.partitions, "into how many each store is cut");
  if (operation === "finish" && verified === undefined)
    throw usage("finish through a queue needs a run of `migrate verify --queue` that was clean: --verified RUN");
  const needs: Record<FleetOperation, StepNeeds> = {
    run: needsOfRun(options),
    // The same keys as those of the workers, who do not know what is asked of them.
    verify: { from: "target", moves: false, readsOnly: true },
    finish: { from: "needed", moves: false },
  };
  const unnoted: FleetOptions = { ...options, journal: false };
  return await withMigrations(words, unnoted, needs[operation], (session) =>
    withFleet(queueOf(options), async ({ fleet, place }) => {
      const { enqueue, fleetStatus } = await import("@letterlock/migrate/bullmq");
      const stores = Object.fromEntries(session.stores.map(({ name, migration }) => [name, migration]));
      const { accept } = session.walk;
      const id = await enqueue(fleet, {
        ...{ operation, stores, partitions, run, accept },
        ...(operation === "run" && { keep, blind, refresh: refresh && !blind }),
        ...(operation === "finish" && { verified }),
      }).catch((error: unknown) => {
        if (error instanceof TypeError || error instanceof RangeError) throw usage(error.message);
        if (error instanceof Error && error.message.startsWith("finish refuses")) throw failure("incomplete", error.message);
        throw error;
      });
      const { runs, evicts } = await fleetStatus(fleet, { run: id });
      const [queued] = runs;
      const warning = evictionWarning({ evicts });
      if (warning !== undefined) session.report.warning(warning, { evicts });
      const cut = queued?.stores.map((store) => `${printable(store.store)}: ${countedOf(store.partitions, "partition")}`) ?? [];
      session.report.result(`${operation} ${id} is queued at ${place}: ${cut.join(", ")}`, {
        step: operation,
        run: id,
        place,
        stores: queued?.stores,
      });
      return options.wait === true ? await waitForRun(fleet, id, session) : 0;
    }),
  );
}
