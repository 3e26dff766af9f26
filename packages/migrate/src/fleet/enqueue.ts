import { randomBytes } from "node:crypto";
import { checkMigration, checkNames, type Migration } from "../migration.ts";
import { checkFleet, type Fleet, keysOf, withQueue } from "./fleet.ts";
import { fleetStatus } from "./fleet-status.ts";
import { type FleetOperation, fleetOperations, keyNames, type PartitionJob, type SharedOptions } from "./partition-job.ts";
import { pauseAsFleet } from "./queue-pause.ts";
import { jobIds, keepHeader, keepManifest, type RunHeader, readHeaders, readManifest, type StoreManifest } from "./run-manifest.ts";

export interface FleetWork extends SharedOptions {
  readonly operation: FleetOperation;
  /** By the names under which workers have them. Here they are asked for their partitions only. */
  readonly stores: Readonly<Record<string, Migration>>;
  /** Into about how many parts each store is cut, 100 by default. A part takes minutes rather than hours, because whoever takes one over from a dead worker reads it again. */
  readonly partitions?: number | undefined;
  /** Names the run, with at most 64 letters, digits, "-" and "_"; random by default. To enqueue the same run again adds what is missing, and nothing twice. */
  readonly run?: string | undefined;
  /** finish: the id of the verification that was clean. Required, because no worker sees more than its own partition. */
  readonly verified?: string | undefined;
}

const names: readonly string[] = ["operation", "stores", "partitions", "run", "verified", "keep", "refresh", "blind", "accept"];

/** Partitions that are added in one transaction. */
const atOnce = 500;

/**
 * Queues every partition of some stores, and gives the id of the run. A crash in between leaves what was queued: enqueue again with the same `run`. An operation
 * of "finish" rejects unless `verified` names a complete and clean verification of the same stores for the same keys.
 */
export async function enqueue(fleet: Fleet, work: FleetWork): Promise<string> {
  checkFleet(fleet);
  checkWork(work);
  const { operation, stores, partitions = 100, run = randomBytes(6).toString("hex"), keep, refresh, blind, accept } = work;
  if (operation === "finish") await requireVerified(fleet, work);
  const wanted = { operation, options: { keep, refresh, blind, accept }, stores: Object.keys(stores) };
  const header = await keepHeader(fleet, run, { ...wanted, began: randomBytes(6).toString("hex") });
  if (!same(header, { ...wanted, began: header.began }))
    throw new TypeError(`the run ${run} is there already, with another operation, other options or other stores`);
  for (const [store, migration] of Object.entries(stores)) {
    const manifest = await manifestOf(fleet, run, header, store, migration, partitions);
    await addPartitions(fleet, run, store, header, manifest);
  }
  return run;
}

function checkWork(work: FleetWork): void {
  checkNames(work, names, "work");
  const { operation, stores, partitions = 1, run = "run", verified } = work;
  if (!fleetOperations.includes(operation)) throw new TypeError(`operation must be one of ${fleetOperations.join(", ")}`);
  if (typeof stores !== "object" || stores === null || Object.keys(stores).length === 0)
    throw new TypeError("stores must name at least one store");
  for (const migration of Object.values(stores)) checkMigration(migration);
  if (!Number.isSafeInteger(partitions) || partitions < 1) throw new RangeError("partitions must be a whole number of at least 1");
  if (!/^[\w-]{1,64}$/.test(run)) throw new TypeError("run must be letters, digits, - and _, and at most 64 of them");
  if ((operation === "finish") !== (verified !== undefined))
    throw new TypeError("finish, and nothing else, needs the id of a clean verification as verified");
}

async function requireVerified(fleet: Fleet, { stores, verified = "", accept = [] }: FleetWork): Promise<void> {
  const header = (await readHeaders(fleet)).get(verified);
  const [run] = (await fleetStatus(fleet, { run: verified })).runs;
  if (header === undefined || run?.operation !== "verify") throw new Error(`finish refuses: ${verified} is no verification of this fleet`);
  if (!run.ok) throw new Error(`finish refuses: the verification ${verified} is ${run.isComplete ? "not clean" : "not complete"}`);
  const more = (header.options.accept ?? []).filter((one) => !accept.includes(one));
  if (more.length > 0) throw new Error(`finish refuses: the verification ${verified} accepted ${more.join(", ")}`);
  for (const [store, { from, to, store: there }] of Object.entries(stores)) {
    const was = await readManifest(fleet, verified, header, store);
    if (was === undefined || !same([was.from, was.to], [keyNames(from), keyNames(to)]))
      throw new Error(`finish refuses: the verification ${verified} did not look at ${store} with these keys`);
    if (was.description !== there.description)
      throw new Error(`finish refuses: the verification ${verified} looked at ${was.description}, and ${store} is ${there.description}`);
  }
}

async function manifestOf(
  fleet: Fleet,
  run: string,
  header: RunHeader,
  store: string,
  migration: Migration,
  target: number,
): Promise<StoreManifest> {
  const { description } = migration.store;
  const { from, to } = { from: keyNames(migration.from), to: keyNames(migration.to) };
  const there = await readManifest(fleet, run, header, store);
  const partitions = there?.partitions ?? (await migration.store.partitions(target));
  const manifest = there ?? (await keepManifest(fleet, run, header, store, { description, from, to, partitions }));
  if (!same([manifest.from, manifest.to], [from, to]))
    throw new TypeError(`the run ${run} is there already, and moves ${store} between other keys`);
  if (manifest.description !== description)
    throw new TypeError(`the run ${run} is there already, and ${store} is ${manifest.description} there, and ${description} here`);
  return manifest;
}

async function addPartitions(fleet: Fleet, run: string, store: string, header: RunHeader, manifest: StoreManifest): Promise<void> {
  const { operation, options, began } = header;
  const { description, from, to, partitions } = manifest;
  const ids = jobIds(run, header, store, manifest);
  await withQueue(fleet, store, async (queue) => {
    // In this order: whoever pauses the fleet meanwhile either sees the store or is seen here.
    await fleet.connection.sadd(keysOf(fleet).stores, store);
    await pauseAsFleet(fleet, queue);
    const jobs = partitions.map((partition, index) => ({
      name: operation,
      data: { run, began, store, description, partition, operation, options, from, to } satisfies PartitionJob,
      opts: { ...jobOptions, jobId: ids[index] ?? "" },
    }));
    for (let at = 0; at < jobs.length; at += atOnce) await queue.addBulk(jobs.slice(at, at + atOnce));
  });
}

/**
 * A partition whose store was away is tried again for as long as its run is wanted. Its books stay until the run is cancelled. What fails for good was cancelled, and
 * leaves nothing behind.
 */
const jobOptions = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: "doubling" },
  removeOnComplete: false,
  removeOnFail: true,
  stackTraceLimit: 0,
} as const;

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
