import type { Books } from "../books.ts";
import { checkFleet, evictionPolicy, type Fleet, keysOf, type PartitionQueue, type QueuedPartition, withQueue } from "./fleet.ts";
import { mergedBooks } from "./merged-books.ts";
import type { Entry, FleetOperation, VerifiedCounts } from "./partition-job.ts";
import { type Presence, readPresences } from "./presence.ts";
import { jobIds, type RunHeader, readHeaders, readManifest } from "./run-manifest.ts";

/** One view of everything that the fleet does. */
export interface FleetStatus {
  readonly isPaused: boolean;
  /** What this Redis does when it is full, "allkeys-lru": it could lose partitions and books. undefined where it is "noeviction", as it should be. */
  readonly evicts: string | undefined;
  readonly runs: readonly RunStatus[];
  /** In the order in which they were started. `silentMs`: since the last sign of life. One that was killed is listed for a day. */
  readonly workers: readonly (Presence & { readonly silentMs: number })[];
}

export interface RunStatus {
  readonly run: string;
  readonly operation: FleetOperation;
  readonly stores: readonly StoreStatus[];
  /** Of the partitions that are done. */
  readonly books: Books;
  /** Every partition is done. */
  readonly isComplete: boolean;
  /** Complete, and the books are ok; of finish: nothing was refused. */
  readonly ok: boolean;
}

export interface StoreStatus {
  readonly store: string;
  readonly description: string;
  /** False where whoever enqueued the run was interrupted before its partitions were known. Enqueue it again. */
  readonly isCut: boolean;
  readonly partitions: number;
  /** These five add up to `partitions`. */
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  /** They were tried, could not be worked on, and wait for the next try: `troubles` says why. */
  readonly failed: number;
  /** Not queued: whoever enqueued the run was interrupted. Enqueue it again. */
  readonly missing: number;
  readonly books: Books;
  /** Of verify and finish. */
  readonly verified: VerifiedCounts;
  /** finish: partitions that were not clean and stay as they were. */
  readonly refused: number;
  /** The first of the failed; at most 10. */
  readonly troubles: readonly { readonly index: number; readonly attempts: number; readonly reason: string }[];
}

/** All runs that were not cancelled, or the one that is named; none where there is no such run. */
export async function fleetStatus(fleet: Fleet, { run: wanted }: { readonly run?: string | undefined } = {}): Promise<FleetStatus> {
  checkFleet(fleet);
  const headers = [...(await readHeaders(fleet))].filter(([run]) => wanted === undefined || run === wanted);
  const runs: RunStatus[] = [];
  for (const [run, header] of headers) runs.push(await runStatus(fleet, run, header));
  const isPaused = (await fleet.connection.exists(keysOf(fleet).paused)) === 1;
  return { isPaused, evicts: await evictionPolicy(fleet), runs, workers: await readPresences(fleet) };
}

async function runStatus(fleet: Fleet, run: string, header: RunHeader): Promise<RunStatus> {
  const { operation, stores: names } = header;
  const stores: StoreStatus[] = [];
  for (const store of names) stores.push(await withQueue(fleet, store, (queue) => storeStatus(fleet, queue, run, header, store)));
  const books = mergedBooks(stores.map((one) => one.books));
  const isComplete = stores.every(({ done, partitions }) => done === partitions && partitions > 0);
  return { run, operation, stores, books, isComplete, ok: isComplete && books.ok && stores.every(({ refused }) => refused === 0) };
}

async function storeStatus(fleet: Fleet, queue: PartitionQueue, run: string, header: RunHeader, store: string): Promise<StoreStatus> {
  const manifest = await readManifest(fleet, run, header, store);
  const partitions = manifest === undefined ? [] : jobIds(run, header, store, manifest);
  const active = new Set(await queue.getRanges(["active"], 0, -1));
  const delayed = new Set(await queue.getRanges(["delayed"], 0, -1));
  const entries: Entry[] = [];
  const troubles: StoreStatus["troubles"][number][] = [];
  const counts = { waiting: 0, active: 0, done: 0, failed: 0, missing: 0 };
  for (let from = 0; from < partitions.length; from += atOnce) {
    const ids = partitions.slice(from, from + atOnce);
    for (const [i, job] of (await Promise.all(ids.map((id) => queue.getJob(id)))).entries()) {
      const state = stateOf(job, active, delayed);
      counts[state] += 1;
      if (state === "done" && job !== undefined) entries.push(job.returnvalue);
      if (state === "failed" && job !== undefined && troubles.length < mostTroubles)
        troubles.push({ index: from + i, attempts: job.attemptsMade, reason: job.failedReason ?? "" });
    }
  }
  const sum = (name: keyof VerifiedCounts): number => entries.reduce((total, { verified }) => total + (verified?.[name] ?? 0), 0);
  return {
    store,
    description: manifest?.description ?? store,
    isCut: manifest !== undefined,
    partitions: partitions.length,
    ...counts,
    books: mergedBooks(entries.map(({ books }) => books)),
    verified: { notMigrated: sum("notMigrated"), withOldRecipients: sum("withOldRecipients"), records: sum("records") },
    refused: entries.filter(({ refused }) => refused).length,
    troubles,
  };
}

const mostTroubles = 10;
/** Partitions that are asked for together. */
const atOnce = 200;

function stateOf(
  job: QueuedPartition | undefined,
  active: ReadonlySet<string>,
  delayed: ReadonlySet<string>,
): "missing" | "done" | "active" | "failed" | "waiting" {
  if (job?.id === undefined) return "missing";
  if (job.finishedOn !== undefined && job.returnvalue !== null) return "done";
  if (active.has(job.id)) return "active";
  return delayed.has(job.id) ? "failed" : "waiting";
}
