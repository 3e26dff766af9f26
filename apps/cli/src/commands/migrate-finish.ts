import { type Books, type Finished, finish, type OutcomeClass, type Progress, type Verified, type WalkOptions } from "@letterlock/migrate";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { eachStore, type StoreEnd } from "../migrate/each-store.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";
import { type StoreMigration, withMigrations } from "../migrate/migration-session.ts";
import { troubleOfBooks } from "../migrate/verdict.ts";
import { verifiedLines } from "../migrate/verified-text.ts";
import { walkLines } from "../migrate/walk-text.ts";
import { walked } from "../migrate/walked.ts";

/** Verifies everything, and takes the old recipients away where that is clean. */
export function migrateFinish(words: readonly string[], options: MigrateOptions): Promise<ExitStatus> {
  return withMigrations(words, options, { from: "needed", moves: false, callsFrom: false }, (session) =>
    eachStore(session, "finish", async (one): Promise<StoreEnd> => {
      const { accept } = session.walk;
      const refused = ({ finished, verified }: Finished): Error | undefined => (finished ? undefined : refusal(verified, accept, one));
      // Its verify keeps books of its own, and so does what takes recipients away.
      const kept = new Set<() => Books>();
      const work = (walk: WalkOptions): Promise<Finished> => {
        const onProgress = (event: Progress): void => {
          if (event.type === "object") kept.add(event.books);
          walk.onProgress?.(event);
        };
        return finish(one.migration, { ...walk, onProgress });
      };
      const { result, books, seconds, error } = await walked(session, "finish", one, work, { refusal: refused });
      if (result === undefined) {
        const step = kept.size > 1 ? "finish" : "verify";
        const lines = walkLines(step, one.name, books, seconds);
        const phase = step === "finish" ? "removing" : "verifying";
        return { lines, fields: { state: "stopped", phase, seconds, books }, trouble: error, reported: { step, seconds, books } };
      }
      const { verified, removed } = result;
      const lines = verifiedLines(one.name, verified, removed === undefined ? "stay" : "go");
      const reported = { step: removed === undefined ? ("verify" as const) : undefined, seconds, books: removed ?? verified, verified };
      const trouble = refused(result);
      if (trouble !== undefined || removed === undefined)
        return { lines, fields: { state: "refused", seconds, verified }, trouble, reported };
      return {
        lines: [...lines, ...walkLines("finish", one.name, removed, seconds)],
        fields: { state: "ended", seconds, verified, removed },
        trouble: troubleOfBooks(removed, accept),
        reported,
      };
    }),
  );
}

/** Its status is 1, whatever keeps the objects from opening: that nothing was removed is what has to be known. */
function refusal(verified: Verified, accept: readonly OutcomeClass[], { asked }: StoreMigration): Error {
  const why = troubleOfBooks(verified, accept, asked.question)?.message ?? "verify is not clean";
  return failure("incomplete", `nothing was removed, because not every object opens with the target alone: ${why}`);
}
