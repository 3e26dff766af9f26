import { type Books, type OutcomeClass, outcomeClasses } from "@letterlock/migrate";
import type { MigrateStep } from "./migrate-options.ts";

/** Some of the objects of a class, in the words of a step. */
export interface WordedCount {
  readonly class: OutcomeClass;
  readonly word: string;
  readonly count: number;
}

/** What a step knows beside its books, which tells the objects of one class apart. */
export interface ToldApart {
  /** Of a plan: objects that lack a recipient of the target. The others that it counts as migrated have old recipients alone to lose. */
  readonly notOnTarget?: number | undefined;
  /** Of a verify: objects without a recipient of the target. The others that it counts as quarantined are damaged. */
  readonly notMigrated?: number | undefined;
}

/** Every class as a step says it, with its count; a class that is told apart is several. The counts add up to those of the books. */
export function wordedCounts({ classes }: Pick<Books, "classes">, step: MigrateStep, apart: ToldApart = {}): readonly WordedCount[] {
  return outcomeClasses.flatMap((one) => {
    const count = classes[one];
    const word = words[step][one] ?? one;
    if (step === "plan" && one === "migrated" && apart.notOnTarget !== undefined)
      return parts(one, [toMigrate, Math.min(count, apart.notOnTarget)], [toRid, Math.max(0, count - apart.notOnTarget)]);
    if (step === "verify" && one === "quarantined" && apart.notMigrated !== undefined)
      return parts(one, [word, Math.max(0, count - apart.notMigrated)], [notMigrated, Math.min(count, apart.notMigrated)]);
    return [{ class: one, word, count }];
  });
}

const toMigrate = "to migrate";
export const toRid = "to rid of old recipients";
export const notMigrated = "not migrated";

/** How a step says the classes. */
const words: Readonly<Record<MigrateStep, Partial<Record<OutcomeClass, string>>>> = {
  // Whether a run has been there is told apart where it is known.
  plan: { migrated: "to change", quarantined: "damaged or not openable" },
  run: {},
  verify: { already: "open" },
  finish: { migrated: "rid of old recipients" },
};

/** The first of them where there is nothing of either. */
function parts(one: OutcomeClass, ...all: readonly (readonly [string, number])[]): readonly WordedCount[] {
  const there = all.filter(([, count]) => count > 0);
  return (there.length === 0 ? all.slice(0, 1) : there).map(([word, count]) => ({ class: one, word, count }));
}
