import { finish } from "@letterlock/migrate";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { eachStore, type StoreEnd } from "../migrate/each-store.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";
import { withMigrations } from "../migrate/migration-session.ts";
import { troubleOfBooks } from "../migrate/verdict.ts";
import { verifiedLines } from "../migrate/verified-text.ts";
import { walkLines } from "../migrate/walk-text.ts";
import { walked } from "../migrate/walked.ts";

/** Verifies everything, and takes the old recipients away where that is clean. */
export function migrateFinish(words: readonly string[], options: MigrateOptions): Promise<ExitStatus> {
  return withMigrations(words, options, { from: "needed", moves: false }, (session) =>
    eachStore(session, "finish", async (one): Promise<StoreEnd> => {
      const { accept } = session.walk;
      const ended = await walked(session, "finish", one, (walk) => finish(one.migration, walk));
      const { result, books, seconds, error } = ended;
      if (result === undefined) return { lines: walkLines(one.name, ended), fields: { state: "stopped", seconds, books }, trouble: error };
      const { finished, verified, removed } = result;
      const lines = verifiedLines(one.name, verified, seconds);
      if (!finished) {
        const why = troubleOfBooks(verified, accept)?.message ?? "verify is not clean";
        return {
          lines,
          fields: { state: "refused", seconds, verified },
          trouble: failure("incomplete", `nothing was removed, because not every object opens with the target alone: ${why}`),
        };
      }
      return {
        lines: [
          ...lines,
          ...walkLines(one.name, { books: removed, seconds }, { migrated: "rid of old recipients", already: "without any" }),
        ],
        fields: { state: "ended", seconds, verified, removed },
        trouble: troubleOfBooks(removed, accept),
      };
    }),
  );
}
