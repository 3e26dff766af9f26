import type { Books, Outcome, OutcomeClass, Plan, Verified } from "@letterlock/migrate";
import type { MigrateStep } from "../migrate/migrate-options.ts";
import type { PlannedTotal } from "../migrate/planned-total.ts";
import type { StatedEstimate } from "../migrate/stated-estimate.ts";

/** What a step of a migration was asked for, and what came of it. No text in it needs to be safe for HTML or for a terminal. */
export interface MigrationReport {
  readonly step: MigrateStep;
  /** Wall-clock times in ISO 8601, for people. */
  readonly began: string;
  readonly ended: string;
  /** How long it took, by a clock that nobody sets. */
  readonly seconds: number;
  readonly host: string;
  /** Of letterlock. */
  readonly version: string;
  /** 0 when everything that was asked for is true. */
  readonly exitStatus: number;
  /** The options of the command line, as they were given; those that are undefined were not. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly accepted: readonly OutcomeClass[];
  readonly stores: readonly ReportedStore[];
  /** Stores that were asked for, and that nobody came to look at. */
  readonly notLookedAt: readonly string[];
  /** The path of the configuration. */
  readonly configuration?: string | undefined;
  /** Of a plan, over all stores. */
  readonly total?: PlannedTotal | undefined;
}

export interface ReportedStore {
  readonly name: string;
  readonly description: string;
  /** The server, database, file or bucket; never with a password. */
  readonly place?: string | undefined;
  /** The keys as people know them: "aws-kms arn:… (prod: aws-kms://arn:…)". */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Whose books these are, where the step came no further: those of the verify of a finish. */
  readonly step?: MigrateStep | undefined;
  readonly seconds: number;
  /** Why what was asked for is not true of it; undefined where it is. */
  readonly trouble: string | undefined;
  /** As they stood at the end, whatever that was; undefined when nothing was looked at. */
  readonly books: Books | undefined;
  /** All exceptions, where somebody kept them; those of the books otherwise. */
  readonly exceptions?: Iterable<Outcome> | undefined;
  /** Of verify, and of what finish verified first. */
  readonly verified?: Omit<Verified, keyof Books> | undefined;
  readonly plan?: Omit<Plan, "books" | "estimate" | "later"> | undefined;
  readonly estimate?: StatedEstimate | undefined;
  /** Of the steps after the run that was planned. */
  readonly later?: { readonly verify: StatedEstimate; readonly finish: StatedEstimate } | undefined;
}
