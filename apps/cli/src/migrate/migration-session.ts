import type { Migration } from "@letterlock/migrate";
import type { Journal } from "@letterlock/migrate/journal";
import type { ExitStatus } from "../exit-status.ts";
import { failure, usage } from "../failure.ts";
import { untilInterrupted } from "../interrupt.ts";
import type { ChosenKeks } from "../keks/chosen-keks.ts";
import type { Configuration } from "../keks/configuration.ts";
import { type AskedPlace, askedPlace } from "../stores/asked-place.ts";
import type { OpenedStore } from "../stores/open-store.ts";
import { printable } from "../terminal/printable.ts";
import { createReport, type Report } from "../terminal/report.ts";
import { askedReport } from "./asked-report.ts";
import { askedStores, type ChosenStore } from "./chosen-stores.ts";
import { keptJournal } from "./kept-journal.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { migrationOf } from "./migration-of.ts";
import { withOpenedStores } from "./opened-stores.ts";
import { createQuotas, type Quotas } from "./quotas.ts";
import { areSame, type FromNeed, urisOfStore, withKeksOfStores } from "./store-keks.ts";
import { type AskedWalk, askedWalk } from "./walk-options.ts";

/** A store of the configuration, ready to be migrated. */
export interface StoreMigration {
  readonly name: string;
  /** For people; never with a password. */
  readonly description: string;
  readonly migration: Migration;
  /** As the configuration says it. */
  readonly asked: AskedPlace;
}

/** A command about to walk over its stores: the command line is right, the KEKs are made, and nobody has been called yet. */
export interface MigrationSession {
  readonly options: MigrateOptions;
  readonly configuration: Configuration;
  readonly report: Report;
  readonly stores: readonly StoreMigration[];
  readonly quotas: Quotas;
  readonly walk: AskedWalk;
  readonly journal: Journal | undefined;
  /** Where a report was asked for. */
  readonly reportPath: string | undefined;
  /** Aborted by Ctrl-C: the walk ends between two objects. */
  readonly signal: AbortSignal;
}

export interface StepNeeds {
  readonly from: FromNeed;
  /** Whether the keys must differ, because the step would have nothing to do. */
  readonly moves: boolean;
  /** Whether the old keys are called; true by default. Those of a step that does not may be gone. */
  readonly callsFrom?: boolean | undefined;
  /** Whether the step, and what it prepares, changes nothing: who may only read can do it. False by default. */
  readonly readsOnly?: boolean | undefined;
  /** Looks at what was asked for before anything is read. */
  readonly check?: ((stores: readonly StoreMigration[]) => void) | undefined;
}

/** Whatever is wrong with the command line or the configuration is an error here, before any store or KEK is asked. */
export async function withMigrations(
  words: readonly string[],
  given: MigrateOptions,
  { from, moves, callsFrom = true, readsOnly = false, check }: StepNeeds,
  work: (session: MigrationSession) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { configuration, options, chosen } = await askedStores(words, given);
  const walk = askedWalk(options);
  const uris = chosen.map((store) => urisOfStore(store, options, configuration, from));
  const idle = chosen.find((_, index) => moves && areSame(uris[index]));
  if (idle !== undefined)
    throw usage(
      `${idle.name}: --from and --to are the same keys: there is nothing to move; after a rotation, \`migrate run --refresh\` wraps again`,
    );
  const reportPath = await askedReport(options);
  const quotas = createQuotas(configuration);
  const report = createReport(options);
  const onKeks = (keks: readonly ChosenKeks[]): Promise<ExitStatus> => {
    const onStores = async (opened: readonly OpenedStore[]): Promise<ExitStatus> => {
      const stores = chosen.flatMap((store, index) => storeMigration(store, opened[index], keks[index]) ?? []);
      check?.(stores);
      const journal = await keptJournal(options, configuration, (message, path) => report.warning(printable(message), { journal: path }));
      try {
        return await work({ options, configuration, report, stores, quotas, walk, journal, reportPath, signal: interruption() });
      } finally {
        journal?.close();
      }
    };
    return withOpenedStores(chosen, configuration.folder, onStores, { writes: !readsOnly });
  };
  return await withKeksOfStores(uris, options.passphraseSources ?? [], quotas.limited, onKeks, { callsFrom });
}

function storeMigration(
  { name, entry }: ChosenStore,
  opened: OpenedStore | undefined,
  keks: ChosenKeks | undefined,
): StoreMigration | undefined {
  if (opened === undefined || keks === undefined) return undefined;
  const { store } = opened;
  return { name, description: store.description, migration: migrationOf(entry, store, keks), asked: askedPlace(entry) };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  const why = "interrupted: what was written stays, and the same command goes on from there";
  void untilInterrupted(why).then(() => controller.abort(failure("interrupted", why)));
  return controller.signal;
}
