import { createHash } from "node:crypto";
import { type Fleet, keysOf } from "./fleet.ts";
import { type FleetOperation, jobId, type SharedOptions } from "./partition-job.ts";

/** What a run is. Written before its first partition is queued, so that what a crash left out can be found and queued later. */
export interface RunHeader {
  readonly operation: FleetOperation;
  readonly options: SharedOptions;
  readonly stores: readonly string[];
  /** Random. Tells a run from one of the same name that was cancelled before it. */
  readonly began: string;
}

/** Partitions are asked for once: a store that changes meanwhile would cut itself otherwise the next time, and leave gaps. */
export interface StoreManifest {
  readonly description: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly partitions: readonly string[];
}

export async function readHeaders(fleet: Fleet): Promise<ReadonlyMap<string, RunHeader>> {
  const runs = await fleet.connection.hgetall(keysOf(fleet).runs);
  return new Map(Object.entries(runs).map(([id, header]) => [id, JSON.parse(header) as RunHeader]));
}

/** Whether a partition belongs to a run that is there, and not to one of the same name that was cancelled. */
export async function isWanted(fleet: Fleet, { run, began }: { readonly run: string; readonly began: string }): Promise<boolean> {
  const text = await fleet.connection.hget(keysOf(fleet).runs, run);
  return text !== null && (JSON.parse(text) as RunHeader).began === began;
}

export async function readManifest(fleet: Fleet, run: string, { began }: RunHeader, store: string): Promise<StoreManifest | undefined> {
  const text = await fleet.connection.hget(keysOf(fleet).run(run, began), store);
  return text === null ? undefined : (JSON.parse(text) as StoreManifest);
}

/** What is there stays, and is what comes back. */
export async function keepHeader(fleet: Fleet, run: string, header: RunHeader): Promise<RunHeader> {
  return await keep<RunHeader>(fleet, keysOf(fleet).runs, run, header);
}

export async function keepManifest(
  fleet: Fleet,
  run: string,
  { began }: RunHeader,
  store: string,
  manifest: StoreManifest,
): Promise<StoreManifest> {
  return await keep<StoreManifest>(fleet, keysOf(fleet).run(run, began), store, manifest);
}

/**
 * The ids of the jobs of a store, in the order of its partitions. They name the cut too: where Redis forgot one and the store was cut again, a job of the old cut,
 * which lies between other keys, is not taken for one of the new.
 */
export function jobIds(run: string, { began }: RunHeader, store: string, manifest: StoreManifest): readonly string[] {
  const cut = createHash("sha256")
    .update(JSON.stringify([began, manifest]))
    .digest("hex")
    .slice(0, 16);
  return manifest.partitions.map((_, index) => jobId(run, store, cut, index));
}

async function keep<T>({ connection }: Fleet, key: string, field: string, value: T): Promise<T> {
  for (;;) {
    if ((await connection.hsetnx(key, field, JSON.stringify(value))) === 1) return value;
    const there = await connection.hget(key, field);
    // It was cancelled in between.
    if (there !== null) return JSON.parse(there) as T;
  }
}
