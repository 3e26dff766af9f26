import { counted, countedOf } from "../migrate/counted.ts";
import type { MigrateStep } from "../migrate/migrate-options.ts";
import type { MigrationReport } from "./migration-report.ts";
import { sumOf } from "./sum-rule.ts";

export interface ReportVerdict {
  readonly isGood: boolean;
  readonly headline: string;
  /** What keeps it from being good, or what to know although it is. */
  readonly remarks: readonly string[];
}

/** What a board reads first. Good is only what the exit status says is true, and only of books that add up. */
export function reportVerdict({ step, exitStatus, stores, notLookedAt, accepted }: MigrationReport): ReportVerdict {
  const unbalanced = stores.filter(({ books }) => books !== undefined && !sumOf(books).isBalanced);
  const troubled = stores.filter(({ trouble }) => trouble !== undefined);
  const isGood = exitStatus === 0 && troubled.length === 0 && notLookedAt.length === 0 && unbalanced.length === 0;
  const unverified = stores.reduce((sum, { books }) => sum + (books?.unverified ?? 0), 0);
  const tolerated = accepted.flatMap((one) => {
    const count = stores.reduce((sum, { books }) => sum + (books?.classes[one] ?? 0), 0);
    return count === 0 ? [] : [`${countedOf(count, "object")} ${count === 1 ? "is" : "are"} ${one}, which was accepted beforehand.`];
  });
  return {
    isGood,
    headline: (isGood ? good : bad)[step],
    remarks: [
      ...unbalanced.map(({ name }) => `The books of ${name} do not add up: nothing in this report is to be relied on.`),
      ...troubled.map(({ name, trouble }) => `${name}: ${trouble}`),
      ...notLookedAt.map((name) => `${name} was not looked at.`),
      ...(isGood || troubled.length + notLookedAt.length + unbalanced.length > 0
        ? []
        : [`The command ended with exit status ${exitStatus}.`]),
      ...tolerated,
      ...(unverified === 0
        ? []
        : [
            `${counted(unverified)} of the migrated were wrapped inside the provider, and nobody has opened them with the target yet: verify does.`,
          ]),
    ],
  };
}

const good: Readonly<Record<MigrateStep, string>> = {
  plan: "Nothing that was looked at stands in the way of this migration.",
  run: "Every object was migrated, or had nothing to be done.",
  verify: "Every object opens with the new keys alone.",
  finish: "The old keys are no recipients of any object any more.",
};

const bad: Readonly<Record<MigrateStep, string>> = {
  plan: "Not everything would migrate.",
  run: "Not everything was migrated.",
  verify: "Not every object opens with the new keys alone.",
  finish: "Old keys are still recipients, or objects could not be looked at.",
};
