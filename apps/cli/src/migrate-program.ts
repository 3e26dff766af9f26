import type { Command } from "commander";
import type { ExitStatus } from "./exit-status.ts";
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
  migrate.exitOverride().configureOutput({ outputError: () => {} });
  const step = (name: string, description: string): Command => {
    const command = add(migrate, name, description).argument("[store...]", "stores of the configuration; default: all of them");
    list(command, "from", "kek", "KEKs that open the objects today");
    list(command, "to", "kek", "KEKs that shall open them");
    return keyed(command);
  };
  const walk = (command: Command): Command =>
    list(command, "accept", "class", "classes of objects that are no failure: foreign, quarantined, conflict, failed")
      .option("--concurrency <n>", "objects that are worked on at once (default: 16)")
      .option("--memory <bytes>", "bytes of objects in memory (default: 256MiB)");

  walk(step("plan", "look at everything, try the KEKs, and change nothing"))
    .option("--no-probe", "do not call the KEKs")
    .action(async (stores: string[], options: MigrateOptions) =>
      done(await (await import("./commands/migrate-plan.ts")).migratePlan(stores, options)),
    );

  walk(step("run", "wrap every object for the target, open it again, and replace it; may be ended and started again"))
    .option("--keep", "keep the old recipients until `migrate finish`")
    .option("--refresh", "wrap again what names an older version of the KEKs of --to")
    .option("--blind", "refresh inside the provider: nothing is compared, and the objects count as unverified")
    .action(async (stores: string[], options: MigrateOptions) =>
      done(await (await import("./commands/migrate-run.ts")).migrateRun(stores, options)),
    );

  walk(step("verify", "open every object with each KEK of the target alone")).action(async (stores: string[], options: MigrateOptions) =>
    done(await (await import("./commands/migrate-verify.ts")).migrateVerify(stores, options)),
  );

  walk(step("finish", "verify everything, and then take the old recipients away")).action(
    async (stores: string[], options: MigrateOptions) =>
      done(await (await import("./commands/migrate-finish.ts")).migrateFinish(stores, options)),
  );
  return migrate;
}
