import { type Estimate, type Plan, plan } from "@letterlock/migrate";
import type { ExitStatus } from "../exit-status.ts";
import { eachStore, type StoreEnd } from "../migrate/each-store.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";
import { type StoreMigration, withMigrations } from "../migrate/migration-session.ts";
import { planLines } from "../migrate/plan-text.ts";
import { type PlannedTotal, plannedTotal } from "../migrate/planned-total.ts";
import { type StatedEstimate, statedEstimate } from "../migrate/stated-estimate.ts";
import { together, troubleOfBooks, troubleOfProbes } from "../migrate/verdict.ts";
import { walkLines } from "../migrate/walk-text.ts";
import { walked } from "../migrate/walked.ts";

/** Looks at everything, tries the KEKs, and changes nothing. */
export function migratePlan(words: readonly string[], options: MigrateOptions): Promise<ExitStatus> {
  return withMigrations(words, options, { from: "needed", moves: true }, (session) => {
    const planned: Plan[] = [];
    const total = (): PlannedTotal | undefined => (planned.length === 0 ? undefined : plannedTotal(planned, session.quotas.rateOf));
    const work = async (one: StoreMigration): Promise<StoreEnd> => {
      const { probe = true } = session.options;
      const remark = ({ probes }: Plan): Error | undefined => troubleOfProbes(probes);
      const ended = await walked(session, "plan", one, (walk) => plan(one.migration, { ...walk, probe }), { remark });
      const { result, books = result?.books, exceptions, seconds, error } = ended;
      if (result === undefined) {
        const lines = walkLines("plan", one.name, books, seconds);
        return { lines, fields: { state: "stopped", seconds, books }, trouble: error, reported: { seconds, books, exceptions } };
      }
      // Where objects are inside of other things, the place is the right one.
      const question = result.nested.count === 0 ? one.asked.question : undefined;
      planned.push(result);
      const stated = ({ calls }: Estimate): StatedEstimate => statedEstimate(calls, session.quotas.rateOf);
      const estimate = stated(result.estimate);
      const later = { verify: stated(result.later.verify), finish: stated(result.later.finish) };
      return {
        lines: planLines(one.name, result, estimate, later),
        fields: { state: "ended", seconds, ...result, estimate, later },
        trouble: together(troubleOfProbes(result.probes), troubleOfBooks(result.books, session.walk.accept, question)),
        reported: { seconds, books, exceptions, plan: result, estimate, later },
      };
    };
    return eachStore(session, "plan", work, total);
  });
}
