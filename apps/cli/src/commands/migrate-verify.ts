import { type Verified, verify } from "@letterlock/migrate";
import type { ExitStatus } from "../exit-status.ts";
import { eachStore } from "../migrate/each-store.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";
import { withMigrations } from "../migrate/migration-session.ts";
import { troubleOfBooks } from "../migrate/verdict.ts";
import { verifiedLines } from "../migrate/verified-text.ts";
import { walkLines } from "../migrate/walk-text.ts";
import { walked } from "../migrate/walked.ts";

/** Opens every object with each key of the target alone. */
export function migrateVerify(words: readonly string[], options: MigrateOptions): Promise<ExitStatus> {
  return withMigrations(words, options, { from: "optional", moves: false, callsFrom: false, readsOnly: true }, (session) =>
    eachStore(session, "verify", async (one) => {
      const ended = await walked<Verified>(session, "verify", one, (walk) => verify(one.migration, walk));
      const { result, books = result, exceptions, seconds, error } = ended;
      if (result === undefined) {
        const lines = walkLines("verify", one.name, books, seconds);
        return { lines, fields: { state: "stopped", seconds, books }, trouble: error, reported: { seconds, books, exceptions } };
      }
      return {
        lines: verifiedLines(one.name, result, "until finish", seconds),
        fields: { state: "ended", seconds, verified: result },
        trouble: troubleOfBooks(result, session.walk.accept, one.asked.question),
        reported: { seconds, books, exceptions, verified: result },
      };
    }),
  );
}
