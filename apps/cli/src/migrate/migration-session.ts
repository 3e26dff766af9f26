import type { EnvelopeStore, Migration } from "@letterlock/migrate";
import type { RateLimiter } from "@letterlock/resilience";
import type { ExitStatus } from "../exit-status.ts";
import { failure, usage } from "../failure.ts";
import { untilInterrupted } from "../interrupt.ts";
import { type Configuration, loadConfiguration } from "../keks/configuration.ts";
import { openStore } from "../stores/open-store.ts";
import { createReport, type Report } from "../terminal/report.ts";
import { type ChosenStore, chooseStores, sortWords } from "./chosen-stores.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { createQuotas, type Quotas, type StatedRate } from "./quotas.ts";
import { areSame, type FromNeed, urisOfStore, withKeksOfStores } from "./store-keks.ts";
import { type AskedWalk, askedWalk } from "./walk-options.ts";

/** A store of the configuration, ready to be migrated. */
export interface StoreMigration {
  readonly name: string;
  /** For people; never with a password. */
  readonly description: string;
  readonly migration: Migration;
}

/** A command about to walk over its stores: the command line is right, the KEKs are made, and nobody has been called yet. */
export interface MigrationSession {
  readonly options: MigrateOptions;
  readonly configuration: Configuration;
  readonly report: Report;
  readonly stores: readonly StoreMigration[];
  readonly quotas: Quotas;
  readonly walk: AskedWalk;
  /** Aborted by Ctrl-C: the walk ends between two objects. */
  readonly signal: AbortSignal;
}

export interface StepNeeds {
  readonly from: FromNeed;
  /** Whether the keys must differ, because the step would have nothing to do. */
  readonly moves: boolean;
  /** Looks at what was asked for before anything is opened. */
  readonly check?: ((stores: readonly StoreMigration[]) => void) | undefined;
  /** What counts a quota, where others share it: in this process alone by default. */
  readonly limiter?: ((rate: StatedRate) => RateLimiter) | undefined;
}

export async function withMigrations(
  words: readonly string[],
  given: MigrateOptions,
  { from, moves, check, limiter }: StepNeeds,
  work: (session: MigrationSession) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const configuration = await loadConfiguration(given.config);
  const { stores: names, options } = sortWords(words, given, configuration);
  const chosen = chooseStores(names, configuration);
  const walk = askedWalk(options);
  const uris = chosen.map((store) => urisOfStore(store, options, configuration, from));
  if (moves && uris.some(areSame))
    throw usage(
      "--from and --to are the same keys: there is nothing to move; after a rotation of a key, `migrate run --refresh` wraps again",
    );
  const quotas = createQuotas(configuration, limiter);
  return await withKeksOfStores(uris, options.passphraseSources ?? [], quotas.limited, async (keks) => {
    const opened: { close(): Promise<void> }[] = [];
    try {
      const stores: StoreMigration[] = [];
      for (const [index, store] of chosen.entries()) {
        const connected = await openStore(store.name, store.entry, configuration.folder);
        opened.push(connected);
        stores.push(storeMigration(store, connected.store, keks[index] ?? { from: [], to: [] }));
      }
      check?.(stores);
      return await work({ options, configuration, report: createReport(options), stores, quotas, walk, signal: interruption() });
    } finally {
      for (const connected of opened) await connected.close();
    }
  });
}

function storeMigration({ name, entry }: ChosenStore, store: EnvelopeStore, keks: Pick<Migration, "from" | "to">): StoreMigration {
  const { detached } = entry;
  return { name, description: store.description, migration: { store, ...keks, ...(detached && { detached: () => detached }) } };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  const why = "interrupted: what was written stays, and the same command goes on from there";
  void untilInterrupted().then(() => controller.abort(failure("interrupted", why)));
  return controller.signal;
}
