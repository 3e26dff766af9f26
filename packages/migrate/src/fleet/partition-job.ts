import type { Books } from "../books.ts";
import { finish } from "../finish.ts";
import type { Migration } from "../migration.ts";
import { type RunOptions, run } from "../run.ts";
import { type Verified, verify } from "../verify-migration.ts";

export type FleetOperation = "run" | "verify" | "finish";

export const fleetOperations: readonly FleetOperation[] = ["run", "verify", "finish"];

/** The options of a run that every machine must share. Those of a machine, such as its concurrency, are its worker's. */
export type SharedOptions = Pick<RunOptions, "refresh" | "blind" | "accept"> & { readonly keep?: boolean | undefined };

/** What the queue holds of a partition: names. A partition names the keys of rows or the paths that it lies between; nothing opens anything. */
export interface PartitionJob {
  readonly run: string;
  /** That of the header of the run. */
  readonly began: string;
  readonly store: string;
  /** What it is for the enqueuer: a worker that has something else under this name works on nothing. */
  readonly description: string;
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

export function jobId(run: string, store: string, cut: string, index: number): string {
  return `${run}.${encodeURIComponent(store)}.${cut}.${index}`;
}

export function indexOfJob(id: string): number {
  return Number(id.slice(id.lastIndexOf(".") + 1));
}

export function keyNames(keks: readonly { readonly provider: string; readonly keyRef: string }[]): readonly string[] {
  return keks.map(({ provider, keyRef }) => `${provider} ${keyRef}`).sort();
}

const stringNames: readonly string[] = ["run", "began", "store", "description", "partition", "operation"];
const jobNames: readonly string[] = [...stringNames, "options", "from", "to"];
const switchNames: readonly string[] = ["keep", "refresh", "blind"];

/** What a queue gave, if it is a partition of this store that this version knows all of. Another version, or whoever may write to Redis, could have put anything there. */
export function readJob(data: unknown, store: string): PartitionJob {
  const job = isRecord(data) ? data : {};
  const options = isRecord(job.options) ? job.options : { unknown: true };
  const isJob =
    Object.keys(job).every((name) => jobNames.includes(name)) &&
    stringNames.every((name) => typeof job[name] === "string") &&
    fleetOperations.some((operation) => operation === job.operation) &&
    isStrings(job.from) &&
    isStrings(job.to) &&
    job.store === store &&
    Object.entries(options).every(([name, value]) => (name === "accept" ? isStrings(value) : isSwitch(name, value))) &&
    (job.operation === "run" || switchNames.every((name) => options[name] === undefined));
  if (!isJob)
    throw new TypeError(`this is no partition that this version of Letterlock knows of ${store}: give all machines the same version`);
  return job as unknown as PartitionJob;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isSwitch(name: string, value: unknown): boolean {
  return switchNames.includes(name) && typeof value === "boolean";
}

/** The work of one partition. `walk` is what the machine says of it: its signal, concurrency and so on. */
export async function workOn(migration: Migration, job: PartitionJob, walk: RunOptions): Promise<Entry> {
  const { accept, ...how } = job.options;
  const share = { ...walk, accept, partitions: [job.partition] };
  if (job.operation === "run") return entry({ books: await run(migration, { ...share, ...how }) });
  if (job.operation === "verify") return entry(told(await verify(migration, share)));
  const finished = await finish(migration, share);
  const { books, verified } = told(finished.verified);
  return entry(finished.finished ? { books: finished.removed, verified } : { books, verified, refused: true });
}

function told({ notMigrated, withOldRecipients, records, clean: _, ...books }: Verified): {
  readonly books: Books;
  readonly verified: VerifiedCounts;
} {
  return { books, verified: { notMigrated, withOldRecipients, records } };
}

/** Rejects what this machine has another configuration for. Names only: nobody is called. */
export function requireSame(migration: Migration, job: PartitionJob): void {
  requireSameStore(migration, job);
  requireSameKeys(migration, job);
}

/** Two machines whose configurations have different tables under one name would each do a part of theirs, and the books would add up. */
function requireSameStore(migration: Migration, { store, description }: PartitionJob): void {
  const mine = migration.store.description;
  if (mine === description) return;
  throw new TypeError(`${store} is ${mine} for this worker, and ${description} for the run: give both the same configuration`);
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
