import type { FleetOperation } from "@letterlock/migrate/bullmq";
import type { Command } from "commander";
import type { FleetOrder } from "./commands/migrate-fleet.ts";
import type { ExitStatus } from "./exit-status.ts";
import type { FleetOptions } from "./fleet/fleet-options.ts";
import type { Declaring } from "./migrate-program.ts";

type Done = (status: ExitStatus) => void;
type Step = (stores: string[], options: FleetOptions) => Promise<ExitStatus>;

const queueFlag = "--queue <uri>";
const queueForm = "redis://HOST[:PORT][/NUMBER][?queue=NAME], rediss:// over TLS; REDISCLI_AUTH";

/** What a step takes to be done by the workers of a queue. */
export function enqueued(command: Command): Command {
  return command
    .option(queueFlag, `leave the work to workers: ${queueForm}`)
    .option("--partitions <n>", "with --queue: into how many parts each store is cut (default: 100)")
    .option("--run <run>", "with --queue: a name for the run; with that of one that is there, adds what it lacks")
    .option("--wait", "with --queue: until the run is complete, and end with the status of its books");
}

/** The step of this process, or that of the workers where a queue is named. */
export function queued(operation: FleetOperation, done: Done, here: Step): (stores: string[], options: FleetOptions) => Promise<void> {
  return async (stores, options) =>
    done(
      options.queue === undefined
        ? await here(stores, options)
        : await (await import("./commands/migrate-enqueue.ts")).migrateEnqueue(operation, stores, options),
    );
}

/** The commands that only a queue has. */
export function addFleet(
  { add, keyed, list }: Declaring,
  onStores: (name: string, description: string) => Command,
  migrate: Command,
  done: Done,
): void {
  const worker = onStores(
    "worker",
    "work on the partitions of a queue until it is drained; a second Ctrl-C ends it at once",
  ).requiredOption(queueFlag, queueForm);
  list(worker, "from", "kek", "KEKs that open the objects today");
  list(worker, "to", "kek", "KEKs that shall open them");
  keyed(worker)
    .option("--concurrency <n>", "objects of a store that are worked on at once (default: 32)")
    .option("--memory <bytes>", "bytes of objects of a store in memory (default: 256MiB)")
    .option("--patience <n>", "how often a provider in trouble is asked about one object (default: 8)")
    .option("--grace <seconds>", "to finish partitions when the worker is drained (default: 30)")
    .option("--lock <seconds>", "after which the partitions of a silent worker go to others (default: 30)")
    .action(async (stores: string[], options: FleetOptions) =>
      done(await (await import("./commands/migrate-worker.ts")).migrateWorker(stores, options)),
    );

  const orders: Readonly<Record<FleetOrder, string>> = {
    pause: "let the workers of a queue hold: no partition is taken, no provider is called",
    resume: "let paused workers go on",
    drain: "end the workers of a queue that run now",
  };
  for (const [order, description] of Object.entries(orders) as [FleetOrder, string][])
    add(migrate, order, description)
      .requiredOption(queueFlag, queueForm)
      .action(async (options: FleetOptions) => done(await (await import("./commands/migrate-fleet.ts")).migrateFleetOrder(order, options)));

  add(migrate, "cancel", "take a run and its books out of a queue; what was written stays")
    .argument("<run>", "the run")
    .requiredOption(queueFlag, queueForm)
    .action(async (run: string, options: FleetOptions) =>
      done(await (await import("./commands/migrate-fleet.ts")).migrateCancel(run, options)),
    );
}
