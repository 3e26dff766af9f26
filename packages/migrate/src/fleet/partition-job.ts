import type { Books } from "../books.ts";
import { finish } from "../finish.ts";
import type { Migration } from "../migration.ts";
import { type RunOptions, run } from "../run.ts";
import { type Verified, verify } from "../verify-migration.ts";

export type FleetOperation = "run" | "verify" | "finish";

/** The options of a run that every machine must share. Those of a machine, such as its concurrency, are its worker's. */
export type SharedOptions = Pick<RunOptions, "refresh" | "blind" | "accept"> & { readonly keep?: boolean | undefined };

/** What the queue holds of a partition: names. A partition names the keys of rows or the paths that it lies between; nothing opens anything. */
export interface PartitionJob {
  readonly run: string;
  readonly store: string;
  readonly partition: string;
  readonly operation: FleetOperation;
  readonly options: SharedOptions;
  /** The provider and keyRef of each KEK, sorted. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export type VerifiedCounts = Pick<Verified, "notMigrated" | "withOldRecipients" | "records">;

/** What a partition came to. It is entered once: BullMQ takes it from whoever holds the lock of the partition, and from nobody else. */
export interface Entry {
  readonly books: Books;
  /** Of verify, and of finish, which verifies first. */
  readonly verified?: VerifiedCounts | undefined;
  /** finish: it was not clean, and stays as it was. */
  readonly refused?: true | undefined;
}

export function jobId(run: string, store: string, index: number): string {
  return `${run}.${encodeURIComponent(store)}.${index}`;
}

export function keyNames(keks: readonly { readonly provider: string; readonly keyRef: string }[]): readonly string[] {
  return keks.map(({ provider, keyRef }) => `${provider} ${keyRef}`).sort();
}

/** The work of one partition. `walk` is what the machine says of it: its signal, concurrency and so on. */
export async function workOn(migration: Migration, job: PartitionJob, walk: RunOptions): Promise<Entry> {
  requireSameKeys(migration, job);
  const { accept, ...how } = job.options;
  const share = { ...walk, accept, partitions: [job.partition] };
  if (job.operation === "run") return entry({ books: await run(migration, { ...share, ...how }) });
  if (job.operation === "verify") {
    const { notMigrated, withOldRecipients, records, clean: _, ...books } = await verify(migration, share);
    return entry({ books, verified: { notMigrated, withOldRecipients, records } });
  }
  const finished = await finish(migration, share);
  const { notMigrated, withOldRecipients, records, clean: _, ...books } = finished.verified;
  const verified = { notMigrated, withOldRecipients, records };
  return entry(finished.finished ? { books: finished.removed, verified } : { books, verified, refused: true });
}

/** Two machines with different configurations would undo each other's work, or take away what the other needs. */
function requireSameKeys(migration: Migration, { store, from, to }: PartitionJob): void {
  const mine = [keyNames(migration.from), keyNames(migration.to)];
  if (JSON.stringify(mine) === JSON.stringify([from, to])) return;
  const named = (names: readonly string[] = []): string => (names.length === 0 ? "nobody" : names.join(", "));
  throw new TypeError(
    `this worker moves ${store} from ${named(mine[0])} to ${named(mine[1])}, and the run from ${named(from)} to ${named(to)}: give both the same configuration`,
  );
}

/** An object of a provider can say much about its trouble; a thousand partitions of them shall fit into Redis. */
const mostReasonLength = 300;

function entry(full: Entry): Entry {
  const exceptions = full.books.exceptions.map((one) =>
    one.reason === undefined ? one : { ...one, reason: one.reason.slice(0, mostReasonLength) },
  );
  return { ...full, books: { ...full.books, exceptions } };
}
