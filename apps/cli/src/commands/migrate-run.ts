import { run } from "@letterlock/migrate";
import type { ExitStatus } from "../exit-status.ts";
import { usage } from "../failure.ts";
import { eachStore } from "../migrate/each-store.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";
import { type StepNeeds, type StoreMigration, withMigrations } from "../migrate/migration-session.ts";
import { troubleOfBooks } from "../migrate/verdict.ts";
import { walkLines } from "../migrate/walk-text.ts";
import { walked } from "../migrate/walked.ts";

/** Wraps every object for the target, opens it again, and replaces it. */
export function migrateRun(words: readonly string[], options: MigrateOptions): Promise<ExitStatus> {
  const { keep = false, blind = false, refresh = blind } = options;
  return withMigrations(words, options, needsOfRun(options), (session) =>
    eachStore(session, "run", async (one) => {
      const ended = await walked(session, "run", one, (walk) => run(one.migration, { ...walk, keep, blind, refresh: refresh && !blind }));
      const { result, books = result, exceptions, seconds, error } = ended;
      const state = result === undefined ? "stopped" : "ended";
      return {
        lines: walkLines("run", one.name, books, seconds),
        fields: { state, seconds, books },
        trouble: result === undefined ? error : troubleOfBooks(result, session.walk.accept, one.asked.question),
        reported: { seconds, books, exceptions },
      };
    }),
  );
}

/** Wrong usage where the options contradict each other. */
export function needsOfRun({ keep = false, blind = false, refresh = blind }: MigrateOptions): StepNeeds {
  if (blind && keep)
    throw usage("--blind and --keep: inside a provider a recipient is wrapped again for its own key, and all others stay anyway");
  return {
    from: refresh ? "target" : "needed",
    moves: !refresh,
    check: blind ? requireRewrap : refresh ? requireVersions : undefined,
  };
}

function requireRewrap(stores: readonly StoreMigration[]): void {
  for (const { name, migration } of stores) {
    const unable = migration.to.find((kek) => kek.rewrap === undefined);
    if (unable !== undefined)
      throw usage(`${name}: --blind: ${unable.provider} ${unable.keyRef} cannot wrap again inside its provider: leave --blind out`);
  }
}

function requireVersions(stores: readonly StoreMigration[]): void {
  for (const { name, migration } of stores) {
    const unable = migration.to.find((kek) => kek.currentVersion === undefined);
    if (unable !== undefined)
      throw usage(`${name}: --refresh: ${unable.provider} ${unable.keyRef} has no versions that could be old: name other KEKs in --to`);
  }
}
