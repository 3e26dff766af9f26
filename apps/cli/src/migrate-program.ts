import type { Command } from "commander";
import type { ExitStatus } from "./exit-status.ts";
import type { FleetOptions } from "./fleet/fleet-options.ts";
import { addFleet, enqueued, queued } from "./fleet-program.ts";
import { storeHelp } from "./help-texts.ts";
import type { MigrateOptions } from "./migrate/migrate-options.ts";

type Done = (status: ExitStatus) => void;

/** How the program makes its commands, so that those of `migrate` are like them. */
export interface Declaring {
  /** The options that every command has. */
  add(parent: Command, name: string, description: string): Command;
  /** Where KEKs come from. */
  keyed(command: Command): Command;
  /** An option of several words. */
  list(command: Command, name: string, value: string, meaning: string): Command;
}

/** `letterlock migrate` and its commands. */
export function addMigrate(program: Command, declaring: Declaring, done: Done): Command {
  const { add, keyed, list } = declaring;
  const migrate = program.command("migrate").description("move stored objects to other keys: databases, buckets, folders");
  migrate
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", `\n${storeHelp}`);
  const onStores = (name: string, description: string): Command =>
    add(migrate, name, description).argument("[store...]", "stores of the configuration; default: all of them");
  const step = (name: string, description: string): Command => {
    const command = onStores(name, description);
    list(command, "from", "kek", "KEKs that open the objects today");
    list(command, "to", "kek", "KEKs that shall open them");
    list(command, "accept", "class", "classes of objects that are no failure: foreign, quarantined, conflict, failed");
    command
      .option("--concurrency <n>", "objects that are worked on at once (default: 32)")
      .option("--memory <bytes>", "bytes of objects in memory (default: 256MiB)")
      .option("--patience <n>", "how often a provider in trouble is asked about one object (default: 8)");
    journaled(keyed(command));
    return command
      .option("--report <path>", "write what became of everything as an HTML page")
      .option("--force", "replace a report that exists");
  };

  step("plan", "look at everything, try the KEKs, and change nothing")
    .option("--no-probe", "do not call the KEKs")
    .action(async (stores: string[], options: MigrateOptions) =>
      done(await (await import("./commands/migrate-plan.ts")).migratePlan(stores, options)),
    );

  enqueued(step("run", "wrap every object for the target, open it again, and replace it; may be ended and started again"))
    .option("--keep", "keep the old recipients until `migrate finish`")
    .option("--refresh", "wrap again what names an older version of the KEKs of --to")
    .option("--blind", "refresh inside the provider: nothing is compared, and the objects count as unverified")
    .action(queued("run", done, async (stores, options) => (await import("./commands/migrate-run.ts")).migrateRun(stores, options)));

  enqueued(step("verify", "open every object with each KEK of the target alone")).action(
    queued("verify", done, async (stores, options) => (await import("./commands/migrate-verify.ts")).migrateVerify(stores, options)),
  );

  enqueued(step("finish", "verify everything, and then take the old recipients away"))
    .option("--verified <run>", "with --queue: the clean run of `migrate verify --queue` that it needs")
    .action(
      queued("finish", done, async (stores, options) => (await import("./commands/migrate-finish.ts")).migrateFinish(stores, options)),
    );

  const named = onStores("references", "list the objects that name a key or a version of it; from headers, unverified")
    .option("--kek <kek>", "the KEK")
    .option("--provider <provider>", "instead of --kek: the provider, as a header has it")
    .option("--key-ref <text>", "instead of --kek: the key, as a header has it");
  list(keyed(named), "key-version", "version", "only these versions").action(async (stores: string[], options: MigrateOptions) =>
    done(await (await import("./commands/migrate-references.ts")).migrateReferences(stores, options)),
  );

  journaled(onStores("status", "show the last runs, as the journal has them; with --queue, the runs and workers of a queue"))
    .option("--config <path>", "the configuration (default: letterlock.config.json of this folder or one above)")
    .option("--queue <uri>", "the queue: redis://HOST[:PORT][/NUMBER][?queue=NAME]; REDISCLI_AUTH")
    .option("--run <run>", "with --queue: this run alone")
    .option("--wait", "with --run: until it is complete, and end with the status of its books")
    .action(async (stores: string[], options: FleetOptions) =>
      done(
        options.queue === undefined
          ? await (await import("./commands/migrate-status.ts")).migrateStatus(stores, options)
          : await (await import("./commands/migrate-fleet.ts")).migrateFleetStatus(options),
      ),
    );
  addFleet(declaring, onStores, migrate, done);
  return migrate;
}

function journaled(command: Command): Command {
  return command
    .option("--journal <path>", "where runs are noted (default: letterlock.journal beside the configuration)")
    .option("--no-journal", "note nothing");
}
