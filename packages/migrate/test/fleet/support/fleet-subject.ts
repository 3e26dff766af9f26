import { setTimeout as wait } from "node:timers/promises";
import { aroundKek, type Kek, seal } from "@letterlock/core";
import type { Redis } from "ioredis";
import { expect } from "vitest";
import {
  type Fleet,
  type FleetEvent,
  type FleetWorker,
  type FleetWorkerOptions,
  fleetStatus,
  fleetWorker,
  type RunStatus,
} from "../../../src/bullmq.ts";
import { type MemoryStore, type Migration, memoryStore } from "../../../src/index.ts";
import { newKek } from "../../support/keys.ts";

/** Looks again until it is so. What a busy machine needs half a minute for does not hang. */
export function until<T>(look: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout: 30_000 });
}

export interface Subject {
  readonly fleet: Fleet;
  readonly store: MemoryStore;
  readonly migration: Migration;
  readonly target: Kek;
}

let queues = 0;

/** A fleet of its own in the same Redis, and a store with so many objects, each of which takes `latencyMs` to move. */
export async function subject(connection: Redis, { objects = 40, latencyMs = 0 } = {}): Promise<Subject> {
  const [old, target] = [newKek("old"), newKek("new")];
  const store = memoryStore();
  for (let i = 0; i < objects; i++) store.put(`${i}`, await seal(Buffer.from(`${i}`), [old]));
  const slow = aroundKek(old, async (_operation, { signal }, run) => {
    if (latencyMs > 0) await wait(latencyMs, undefined, { signal });
    return await run();
  });
  return { fleet: { connection, queue: `test-${queues++}` }, store, target, migration: { store, from: [slow], to: [target] } };
}

export interface WatchedWorker extends FleetWorker {
  readonly events: readonly FleetEvent[];
  happened(type: FleetEvent["type"]): number;
}

/** Quick to notice, and one object at a time. */
export function watchedWorker(
  { fleet, migration }: Pick<Subject, "fleet" | "migration">,
  options: Partial<FleetWorkerOptions> = {},
): WatchedWorker {
  const events: FleetEvent[] = [];
  const worker = fleetWorker(fleet, {
    stores: { users: () => migration },
    ...{ beatMs: 20, retryMs: 20, lockMs: 1_000, concurrency: 1 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { ...worker, events, happened: (type) => events.filter((event) => event.type === type).length };
}

export async function onlyRun(fleet: Fleet, run?: string): Promise<RunStatus> {
  const [one] = (await fleetStatus(fleet, { run })).runs;
  if (one === undefined) throw new Error("there is no run");
  return one;
}

export async function completed(fleet: Fleet, run?: string): Promise<RunStatus> {
  await until(async () => (await onlyRun(fleet, run)).isComplete).toBe(true);
  return await onlyRun(fleet, run);
}
