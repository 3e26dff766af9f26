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
export function reportVerdict(report: MigrationReport): ReportVerdict {
  const { step, exitStatus, stores, notLookedAt } = report;
  const unbalanced = stores.filter(({ books }) => books !== undefined && !sumOf(books).isBalanced);
  const wrong = [
    ...unbalanced.map(({ name }) => `The books of ${name} do not add up: nothing in this report is to be relied on.`),
    ...stores.flatMap(({ name, trouble }) => (trouble === undefined ? [] : [`${name}: ${trouble}`])),
    ...notLookedAt.map((name) => `${name} was not looked at.`),
  ];
  if (exitStatus !== 0 && wrong.length === 0) wrong.push(`The command ended with exit status ${exitStatus}.`);
  const tolerated = toleratedIn(report);
  const but = tolerated.length === 0 ? "" : ", other than those that were accepted beforehand,";
  return {
    isGood: wrong.length === 0,
    headline: wrong.length === 0 ? good[step](but) : bad[step],
    remarks: [...wrong, ...tolerated, ...unseenIn(report)],
  };
}

function toleratedIn({ stores, accepted }: MigrationReport): readonly string[] {
  return accepted.flatMap((one) => {
    const count = stores.reduce((sum, { books }) => sum + (books?.classes[one] ?? 0), 0);
    return count === 0 ? [] : [`${countedOf(count, "object")} ${count === 1 ? "is" : "are"} ${one}, which was accepted beforehand.`];
  });
}

/** What counts as good, and nobody has opened. */
function unseenIn({ stores }: MigrationReport): readonly string[] {
  const unverified = stores.reduce((sum, { books }) => sum + (books?.unverified ?? 0), 0);
  const records = stores.reduce((sum, { verified }) => sum + (verified?.records ?? 0), 0);
  const empty = stores.filter(({ trouble, books }) => trouble === undefined && (books?.scanned ?? 0) === 0);
  return [
    ...empty.map(({ name, description }) => `${name} has no objects (${description}): a wrong folder, prefix or table looks like that.`),
    ...(unverified === 0
      ? []
      : [
          `${counted(unverified)} of the migrated were wrapped inside the provider, and nobody has opened them with the target yet: verify does.`,
        ]),
    ...(records === 0 ? [] : [`${countedOf(records, "record")} among them: a record was not opened, and opens when its key blob does.`]),
  ];
}

const good: Readonly<Record<MigrateStep, (but: string) => string>> = {
  plan: (but) => `Nothing that was looked at${but} stands in the way of this migration.`,
  run: (but) => `Every object${but} was migrated, or had nothing to be done.`,
  verify: (but) => `Every object${but} opens with the new keys alone.`,
  finish: (but) => `No object${but} has an old key as a recipient any more.`,
};

const bad: Readonly<Record<MigrateStep, string>> = {
  plan: "Not everything would migrate.",
  run: "Not everything was migrated.",
  verify: "Not every object opens with the new keys alone.",
  finish: "Old keys are still recipients, or objects could not be looked at.",
};
