import { type Fleet, keysOf } from "./fleet.ts";
import type { FleetOperation, SharedOptions } from "./partition-job.ts";

/** What a run is. Written before its first partition is queued, so that what a crash left out can be found and queued later. */
export interface RunHeader {
  readonly operation: FleetOperation;
  readonly options: SharedOptions;
  readonly stores: readonly string[];
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

export async function readManifest(fleet: Fleet, run: string, store: string): Promise<StoreManifest | undefined> {
  const text = await fleet.connection.hget(keysOf(fleet).run(run), store);
  return text === null ? undefined : (JSON.parse(text) as StoreManifest);
}

/** What is there stays, and is what comes back. */
export async function keepHeader(fleet: Fleet, run: string, header: RunHeader): Promise<RunHeader> {
  return await keep<RunHeader>(fleet, keysOf(fleet).runs, run, header);
}

export async function keepManifest(fleet: Fleet, run: string, store: string, manifest: StoreManifest): Promise<StoreManifest> {
  return await keep<StoreManifest>(fleet, keysOf(fleet).run(run), store, manifest);
}

async function keep<T>({ connection }: Fleet, key: string, field: string, value: T): Promise<T> {
  if ((await connection.hsetnx(key, field, JSON.stringify(value))) === 1) return value;
  const there = await connection.hget(key, field);
  return there === null ? value : (JSON.parse(there) as T);
}
